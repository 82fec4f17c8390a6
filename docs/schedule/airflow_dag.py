"""Prepares, verifies and expires a dataset every night.

Needs apache-airflow-providers-apache-spark and a Spark connection of client mode: only there does
spark-submit end with the status of the program.
"""

import re
from datetime import datetime, timedelta

from airflow import DAG
from airflow.exceptions import AirflowException, AirflowFailException
from airflow.providers.apache.spark.operators.spark_submit import SparkSubmitOperator

JAR = "/opt/tokenflex/tokenflex-jobs-spark.jar"
CONF = "/etc/tokenflex/run.conf"
DATASET = "hdfs:///tokenflex/data/llava-665k/train"

# 2: wrong configuration, 3: bad data. The same again would fail the same way.
FINAL_STATUS = {2, 3}


class TokenFlexOperator(SparkSubmitOperator):
    """Retries what may succeed later (4: cluster or storage, 5: another run was first) and nothing else."""

    def execute(self, context):
        try:
            return super().execute(context)
        except AirflowException as failure:
            # The hook tells the status of spark-submit in words only.
            status = re.search(r"Error code is: (\d+)", str(failure))
            if status and int(status.group(1)) in FINAL_STATUS:
                raise AirflowFailException(str(failure)) from failure
            raise


with DAG(
    dag_id="tokenflex_prepare",
    schedule="30 2 * * *",
    start_date=datetime(2026, 1, 1),
    catchup=False,
    # Two runs at once would do no harm, but one of them would work in vain.
    max_active_runs=1,
    default_args={
        "retries": 3,
        "retry_delay": timedelta(minutes=10),
        "execution_timeout": timedelta(hours=12),
        "email_on_failure": True,
        "email": ["data-team@example.org"],
    },
):

    def tokenflex(task_id, application_args, **settings):
        return TokenFlexOperator(
            task_id=task_id,
            conn_id="spark_default",
            application=JAR,
            java_class="io.tokenflex.jobs.TokenFlexCli",
            application_args=application_args,
            **settings,
        )

    prepare = tokenflex(
        "prepare",
        ["prepare", "--conf", CONF],
        num_executors=8,
        executor_cores=4,
        executor_memory="8g",
    )
    verify = tokenflex("verify", ["verify", DATASET], num_executors=8, executor_cores=4)
    expire = tokenflex("expire", ["expire", DATASET, "--keep", "5", "--older-than", "24h"])
    prepare >> verify >> expire
