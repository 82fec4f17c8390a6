# For the scripts beside it, which source it from the root of the repository.
# shellcheck shell=bash

# Sets folder: where inputs and results of the benchmark NAME stay between runs.
bench_folder() { # NAME
  folder=${BENCH_FOLDER:-${XDG_CACHE_HOME:-$HOME/.cache}/tokenflex-bench}/$1
  mkdir -p "$folder"
}

# Sets python: BENCH_PYTHON, or an environment with what REQUIREMENTS lists, which is made.
bench_python() { # REQUIREMENTS
  python=${BENCH_PYTHON:-}
  if [[ -z $python ]]; then
    python=$folder/venv/bin/python
    [[ -x $python ]] || python3 -m venv "$folder/venv"
    "$python" -m pip install -q -r "$1"
  fi
}

# Builds our side and sets classes: its class path.
bench_classes() {
  ${MAVEN:-mvn -q -B -ntp} -pl core,s3-server,data-prep,bench -Dmaven.test.skip=true compile \
    org.apache.maven.plugins:maven-dependency-plugin:3.11.0:build-classpath \
    -Dmdep.outputFile=target/bench-classpath -Dmdep.includeScope=test
  classes=$PWD/bench/target/classes:$PWD/data-prep/target/classes:$PWD/core/target/classes:$(<bench/target/bench-classpath)
}

# Runs "COMMAND RANK MEET" for every rank at once, MEET being a folder where they find each other. Prints what rank 0
# says; if one fails, what it complained of.
bench_ranks() { # RANKS COMMAND...
  local ranks=$1 rank meet failed=0 pids=()
  shift
  meet=$(mktemp -d -p "$folder")
  for ((rank = 0; rank < ranks; rank++)); do
    "$@" "$rank" "$meet" >"$meet/out-$rank" 2>"$meet/err-$rank" &
    pids+=($!)
  done
  for ((rank = 0; rank < ranks; rank++)); do
    wait "${pids[rank]}" || { failed=1 && cat "$meet/err-$rank" >&2; }
  done
  ((failed)) || cat "$meet/out-0"
  rm -r "$meet"
  return "$failed"
}
