# For the scripts beside it, which source it from the root of the repository.
# shellcheck shell=bash

# Sets folder: where inputs and results of the benchmark NAME stay between runs.
bench_folder() {
  folder=${BENCH_FOLDER:-${XDG_CACHE_HOME:-$HOME/.cache}/tokenflex-bench}/$1
  mkdir -p "$folder"
}

# Sets python: BENCH_PYTHON, or an environment with the peer's requirements, which is made.
bench_python() {
  python=${BENCH_PYTHON:-}
  if [[ -z $python ]]; then
    python=$folder/venv/bin/python
    [[ -x $python ]] || python3 -m venv "$folder/venv"
    "$python" -m pip install -q -r "bench/peers/$1/requirements.txt"
  fi
}

# Builds our side and sets classes: its class path.
bench_classes() {
  ${MAVEN:-mvn -q -B -ntp} -pl core,s3-server,data-prep,bench -Dmaven.test.skip=true compile \
    org.apache.maven.plugins:maven-dependency-plugin:3.11.0:build-classpath \
    -Dmdep.outputFile=target/bench-classpath -Dmdep.includeScope=test
  classes=$PWD/bench/target/classes:$PWD/data-prep/target/classes:$PWD/core/target/classes:$(<bench/target/bench-classpath)
}
