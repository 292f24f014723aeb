# shellcheck shell=bash
# The lab's names, users and certificates. Sourced by start.

HOST=ps.example.test      # first host behind the authentication proxy: trusted, receives the asserted identity
HOST2=as2.example.test    # second host behind it: receives no identity
DOMAIN=example.test
# shellcheck disable=SC2034  # used by the kinds
REALM="3GPP-bootstrapping@$HOST"
# shellcheck disable=SC2034
REALM2="3GPP-bootstrapping@$HOST2"
# shellcheck disable=SC2034
AUIDS="pres-rules org.openmobilealliance.pres-rules resource-lists rls-services pidf-manipulation"

# name, Ks_NAF (the Digest password, base64 text as it is typed). B-TID is NAME-btid@bsf.DOMAIN,
# the default IMPU sip:NAME@DOMAIN, the second one sip:NAME.work@DOMAIN. These are lab values, not secrets.
# shellcheck disable=SC2034
USERS="alice a2V5LW9mLWFsaWNlLTAwMDE=
bob a2V5LW9mLWJvYi0wMDAwMDE=
carol a2V5LW9mLWNhcm9sLTAwMDE="

b_tid() { printf '%s-btid@bsf.%s' "$1" "$DOMAIN"; }
default_impu() { printf 'sip:%s@%s' "$1" "$DOMAIN"; }
second_impu() { printf 'sip:%s.work@%s' "$1" "$DOMAIN"; }

authority() { # authority DIR NAME: self-signed NAME.pem, NAME.key and a database for openssl ca
  mkdir -p "$1/$2.db"
  : > "$1/$2.db/index"
  cat > "$1/$2.cnf" <<CNF
[req]
distinguished_name = subject
prompt = no
[subject]
CN = presec lab $2
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[ca]
default_ca = lab
[lab]
database = $1/$2.db/index
new_certs_dir = $1/$2.db
certificate = $1/$2.pem
private_key = $1/$2.key
rand_serial = yes
unique_subject = no
default_md = sha256
policy = any
[any]
commonName = supplied
CNF
  openssl req -x509 -config "$1/$2.cnf" -extensions root -newkey ec -pkeyopt ec_paramgen_curve:P-256 \
    -nodes -sha256 -days 3650 -keyout "$1/$2.key" -out "$1/$2.pem"
}

issue() { # issue DIR NAME CN ALTNAMES USAGE AUTHORITY [expired]: NAME.pem for the key NAME.key, which exists
  local dates=(-days 300)
  [ "${7:-}" = expired ] && dates=(-startdate 20200101000000Z -enddate 20210101000000Z)
  printf 'subjectAltName=%s\nextendedKeyUsage=%s\nkeyUsage=critical,digitalSignature,keyEncipherment\nbasicConstraints=CA:FALSE\n' \
    "$4" "$5" > "$1/$2.ext"
  [ -z "${RESPONDER:-}" ] || echo "authorityInfoAccess=OCSP;URI:$RESPONDER" >> "$1/$2.ext"
  openssl req -new -config "$1/$6.cnf" -key "$1/$2.key" -subj "/CN=$3" -out "$1/$2.csr"
  openssl ca -batch -notext -config "$1/$6.cnf" -extfile "$1/$2.ext" "${dates[@]}" -in "$1/$2.csr" -out "$1/$2.pem"
  rm -f "$1/$2.csr" "$1/$2.ext"
}

certificates() { # certificates DIR: everything below, once
  local dir=$1 name
  [ -e "$dir/complete" ] && return 0
  mkdir -p "$dir"
  (
    set -e
    authority "$dir" ca
    authority "$dir" wrong-ca
    # RSA, so that the suites with RSA key exchange can be tried too; one key serves the three server certificates.
    openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$dir/server.key"
    cp "$dir/server.key" "$dir/server-expired.key"
    cp "$dir/server.key" "$dir/server-ocsp.key"
    cp "$dir/server.key" "$dir/server-wrong-name.key"
    for name in server-ecdsa client-alice client-rogue client-expired; do
      openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$dir/$name.key"
    done
    local names="DNS:$HOST,DNS:$HOST2,DNS:localhost,IP:127.0.0.1"
    local alice
    alice=URI:$(default_impu alice)
    issue "$dir" server "$HOST" "$names" serverAuth ca
    issue "$dir" server-ecdsa "$HOST" "$names" serverAuth ca
    issue "$dir" server-expired "$HOST" "$names" serverAuth ca expired
    # Nobody calls this responder: its answer is made beforehand.
    RESPONDER=http://ocsp.example.test/ issue "$dir" server-ocsp "$HOST" "$names" serverAuth ca
    issue "$dir" server-wrong-name other.example.test DNS:other.example.test serverAuth ca
    issue "$dir" client-alice alice "$alice" clientAuth ca
    issue "$dir" client-rogue alice "$alice" clientAuth wrong-ca
    issue "$dir" client-expired alice "$alice" clientAuth ca expired
  ) > "$dir/log" 2>&1 || { cat "$dir/log" >&2; return 1; }
  touch "$dir/complete"
}
