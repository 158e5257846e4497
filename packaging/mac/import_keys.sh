#!/bin/sh
# Give codesign and notarytool the keys of the release, on a Mac that is thrown away afterwards.
# Without MAC_CERTIFICATE (base64 of a .p12 file), nothing happens.
set -eu
[ -n "${MAC_CERTIFICATE:-}" ] || { echo "Not signed: there is no MAC_CERTIFICATE."; exit 0; }

keychain=$HOME/release.keychain-db
password=$(uuidgen)
certificate=$(mktemp)
trap 'rm -f "$certificate"' EXIT
printf %s "$MAC_CERTIFICATE" | base64 --decode >"$certificate"
security create-keychain -p "$password" "$keychain"
security unlock-keychain -p "$password" "$keychain"
security import "$certificate" -P "$MAC_CERTIFICATE_PASSWORD" -k "$keychain" -T /usr/bin/codesign
security set-key-partition-list -S apple-tool:,apple: -s -k "$password" "$keychain" >/dev/null
security list-keychains -d user -s "$keychain" login.keychain-db
[ -z "${MAC_NOTARY_PROFILE:-}" ] || xcrun notarytool store-credentials "$MAC_NOTARY_PROFILE" \
    --apple-id "$MAC_APPLE_ID" --team-id "$MAC_TEAM_ID" --password "$MAC_APPLE_PASSWORD"
