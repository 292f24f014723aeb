# shellcheck shell=bash
# openssl s_server: one connection at a time, any request is answered with 200 and a status page.
# Variants: default, weak, tls12-only, client-cert, no-resumption, stapled, unstapled (a certificate that names an OCSP responder),
# client-renegotiation (bound to the handshake before), legacy-renegotiation (also one that is not bound).

serve() {
  local options=() openssl certificate=server
  openssl=$(need openssl)
  case $VARIANT in
    default) options=(-min_protocol TLSv1.2 -cipher 'ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM:AES128-SHA:AES256-SHA') ;;
    weak) options=(-min_protocol TLSv1 -cipher 'ALL:eNULL:aNULL:@SECLEVEL=0') ;;
    tls12-only) options=(-tls1_2) ;;
    client-cert) options=(-Verify 3 -verify_return_error -CAfile "$CERTS/ca.pem") ;;
    unstapled) certificate=server-ocsp ;;
    stapled)
      certificate=server-ocsp options=(-status_file "$WORKDIR/run/ocsp.der")
      "$openssl" ocsp -index "$CERTS/ca.db/index" -CA "$CERTS/ca.pem" -rsigner "$CERTS/ca.pem" -rkey "$CERTS/ca.key" -issuer "$CERTS/ca.pem" \
        -cert "$CERTS/server-ocsp.pem" -ndays 7 -no_nonce -respout "$WORKDIR/run/ocsp.der" > "$WORKDIR/logs/ocsp.log" 2>&1 || {
        cat "$WORKDIR/logs/ocsp.log" >&2
        exit 1
      }
      ;;
    # Debian's OpenSSL lets no client renegotiate unless told to.
    client-renegotiation) options=(-tls1_2 -client_renegotiation) ;;
    legacy-renegotiation) options=(-tls1_2 -client_renegotiation -legacy_renegotiation) ;;
    no-resumption) options=(-no_ticket -no_cache) ;;
    *) echo "openssl: no variant $VARIANT" >&2; exit 64 ;;
  esac
  claim "$PORT"
  launch openssl "$openssl" s_server -accept "127.0.0.1:$PORT" -www -quiet \
    -cert "$CERTS/$certificate.pem" -key "$CERTS/$certificate.key" "${options[@]}"
  await "$WORKDIR/run/openssl.pid" "$PORT" "$WORKDIR/logs/openssl.log"
}

facts() { "$(need openssl)" version | sed 's/^/version=/'; }
