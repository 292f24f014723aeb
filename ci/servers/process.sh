# shellcheck shell=bash
# Ports and processes. Sourced by start, stop and the kinds.

PORT_TAKEN=75   # exit status of a kind whose port somebody else holds
UNAVAILABLE=69  # exit status when a program that the kind needs is not installed

answers() { # answers PORT: somebody accepts connections there
  (exec 3<> "/dev/tcp/127.0.0.1/$1") 2> /dev/null
}

alive() { # alive PID: a zombie is not, however long its parent leaves it
  [ -r "/proc/$1/stat" ] && [[ $(< "/proc/$1/stat") != *") Z "* ]]
}

need() { # need PROGRAM: prints its path or ends with UNAVAILABLE
  command -v "$1" || PATH=$PATH:/usr/sbin:/sbin command -v "$1" || {
    echo "$1 is not installed" >&2
    exit "$UNAVAILABLE"
  }
}

claim() { # claim PORT...: ends with PORT_TAKEN when one of them answers already
  local port
  for port in "$@"; do
    if answers "$port"; then
      echo "port $port is taken" >&2
      exit "$PORT_TAKEN"
    fi
  done
}

await() { # await PIDFILE PORT LOG: until the process lives and its port answers, 10 s at most
  local i pid
  for ((i = 0; i < 200; i++)); do
    pid=$(cat "$1" 2> /dev/null || true)
    if [ -n "$pid" ]; then
      alive "$pid" || break
      answers "$2" && alive "$pid" && return 0
    fi
    sleep 0.05
  done
  end "$1"
  cat "$3" >&2
  if grep -qi 'address already in use' "$3"; then exit "$PORT_TAKEN"; fi
  echo "no answer on port $2" >&2
  exit 1
}

launch() { # launch NAME COMMAND...: in the background, apart from our terminal and pipes; run/NAME.pid, logs/NAME.log
  local name=$1
  shift
  setsid "$@" < /dev/null > "$WORKDIR/logs/$name.log" 2>&1 &
  echo $! > "$WORKDIR/run/$name.pid"
}

end() { # end PIDFILE: TERM, after 5 s KILL
  local pid i
  pid=$(cat "$1" 2> /dev/null || true)
  if [ -n "$pid" ] && kill "$pid" 2> /dev/null; then
    for ((i = 0; i < 100; i++)); do
      alive "$pid" || break
      sleep 0.05
    done
    alive "$pid" && kill -9 "$pid" 2> /dev/null
  fi
  rm -f "$1"
}
