#!/bin/sh
# Makes the certificates of this folder anew. They are for tests only, so the key is public on purpose.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

key() {
  openssl ecparam -name prime256v1 -genkey -noout -out "$1"
}

request() { # name, common name, key
  openssl req -new -key "$3" -subj "/CN=$2" -out "$work/$1.csr"
}

# Valid from a day in the past, because the clock of a machine that runs the tests may be behind.
sign() { # name, extension, authority options
  name=$1 extension=$2
  shift 2
  cat >"$work/conf" <<CONF
[ca]
default_ca = tests
[tests]
database = $work/index
new_certs_dir = $work
rand_serial = yes
default_md = sha256
policy = any
x509_extensions = extensions
[any]
commonName = supplied
[extensions]
subjectKeyIdentifier = hash
$extension
CONF
  : >"$work/index"
  openssl ca -batch -notext -config "$work/conf" -startdate 20240101000000Z -enddate 20540101000000Z \
    -in "$work/$name.csr" -out "$name.pem" "$@"
}

authority() { # name, common name
  key "$work/$1.key"
  request "$1" "$2" "$work/$1.key"
  sign "$1" 'basicConstraints = critical, CA:TRUE' -selfsign -keyfile "$work/$1.key"
}

certificate() { # name, common name, other names
  request "$1" "$2" server.key
  sign "$1" "subjectAltName = $3" -cert ca.pem -keyfile "$work/ca.key"
}

key server.key
authority ca 'drizzle-ops test authority'
authority unrelated-ca 'drizzle-ops unrelated test authority'
certificate server localhost 'DNS:localhost, IP:127.0.0.1'
certificate misnamed db.invalid 'DNS:db.invalid'
