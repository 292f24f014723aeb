# shellcheck shell=bash
# tlslite-ng, which knows heartbeats: 404 to any request.
# Variants: default, bleeding (answers a heartbeat with as many octets as it says it has, CVE-2014-0160).

python() { # tlslite-ng's
  # shellcheck disable=SC2154  # here: the directory of start
  "$here/tlslite/install" || {
    echo "tlslite-ng cannot be installed" >&2
    exit "$UNAVAILABLE"
  }
}

serve() {
  local options=() python
  python=$(python)
  case $VARIANT in
    default) ;;
    bleeding) options=(--bleeding) ;;
    *) echo "tlslite: no variant $VARIANT" >&2; exit 64 ;;
  esac
  claim "$PORT"
  launch tlslite "$python" "$here/tlslite/peer.py" serve "$CERTS" "--port=$PORT" "${options[@]}"
  await "$WORKDIR/run/tlslite.pid" "$PORT" "$WORKDIR/logs/tlslite.log"
}

facts() { "$(python)" -c 'import tlslite; print("version=tlslite-ng", tlslite.__version__)'; }
