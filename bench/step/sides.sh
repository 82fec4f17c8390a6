# The two sides of the step benchmark, for the scripts beside it, which set classes, folder and, for the peer, python.
# shellcheck shell=bash

step_bench() { # ARGUMENT...
  java -Xmx"${heap:-1g}" -Dai.djl.pytorch.num_threads="${threads:-1}" -Dlog4j2.level=error -cp "$classes" \
    io.tokenflex.bench.StepBench "$@"
}

# Sets size, dtype, threads, ranks and inputs: the folder with the model and the batches (20, or steps), which is made.
step_case() { # SIZE:DTYPE:THREADS[:RANKS]
  IFS=: read -r size dtype threads ranks <<<"$1"
  ranks=${ranks:-1}
  local batch=4
  [[ ${size%m} -lt 100 ]] || batch=2
  inputs=$folder/$size-$ranks-$batch-${steps:=20}
  if [[ ! -e $inputs/inputs.json ]]; then
    rm -rf "$inputs"
    heap=2g step_bench make "$inputs" --size "$size" --ranks "$ranks" --batch "$batch" --steps "$steps"
  fi
}

# One rank of the case; options may precede rank and meeting place.
ours() { # OPTION... RANK MEET
  step_bench run "$inputs" --dtype "$dtype" --device "${device:-cpu}" "${@:1:$#-2}" --rank "${@: -2:1}" --meet "${@: -1}"
}

# All ranks of the case.
theirs() { # OPTION...
  local command=("$python")
  [[ $ranks == 1 ]] || command=("$python" -m torch.distributed.run --nproc-per-node "$ranks")
  OMP_NUM_THREADS=$threads GLOO_SOCKET_IFNAME=lo "${command[@]}" bench/peers/step/step.py "$inputs" \
    --dtype "$dtype" --device "${device:-cpu}" --threads "$threads" "$@" 2>"$folder/peer.log" ||
    { cat "$folder/peer.log" >&2; return 1; }
}
