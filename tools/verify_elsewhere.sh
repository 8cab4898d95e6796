#!/usr/bin/env bash
# Verify a model that `aibom` signed with cosign and gh, on a machine that has both and a network.
#
#   tools/verify_elsewhere.sh FOLDER --key release.pub
#   tools/verify_elsewhere.sh FOLDER --identity URI --issuer URL [--repo OWNER/NAME] [--trusted-root FILE]
#
# The two hold a file against the statement, one at a time. Neither looks for files that nobody
# signed, nor at names, nor at the BOM against the files: `aibom verify` does.
set -euo pipefail

folder=${1:?"the model's folder"}
shift
key= identity= issuer= repo= root=
while (($#)); do
  case $1 in
    --key) key=$2 ;;
    --identity) identity=$2 ;;
    --issuer) issuer=$2 ;;
    --repo) repo=$2 ;;
    --trusted-root) root=$2 ;;
    *) echo "unknown: $1" >&2; exit 2 ;;
  esac
  shift 2
done
bundle=$folder/aibom.cdx.json.sigstore.json

cosign_options=(--bundle "$bundle" --type cyclonedx)
if [[ -n $key ]]; then
  cosign_options+=(--key "$key" --insecure-ignore-tlog=true) # a bare key leaves no entry in a log
else
  cosign_options+=(--certificate-identity "${identity:?}" --certificate-oidc-issuer "${issuer:?}")
fi

if [[ -n $root ]]; then
  roots=$(mktemp -d)
  trap 'rm -rf "$roots"' EXIT
  lines=$roots/all.jsonl # gh wants each root of the file on one line, as `gh attestation trusted-root` writes it
  if grep -qvE '^[[:space:]]*(\{.*\}[[:space:]]*)?$' "$root"; then # a line is no object: one root over several lines
    { tr -d '\r\n' < "$root"; echo; } > "$lines"
  else
    cp "$root" "$lines"
  fi
  one=$roots/one.json # cosign wants a single root: the first that knows a log, without which it verifies nothing
  grep -m 1 '"tlogs": *\[ *{' "$lines" > "$one" || cp "$lines" "$one"
  cosign_options+=(--trusted-root "$one")
fi

files=(-type f ! -path "$folder/.git*" ! -name '*.sigstore.json' ! -name model.sig)
if (($(find "$folder" "${files[@]}" | wc -l) > 1023)); then
  files=(-path "$folder/aibom.cdx.json") # of so many files, the statement names the BOM alone
fi

checked=0
while IFS= read -r -d '' file; do
  # By digest: cosign reads no file of more than 128 MiB.
  digest=$(openssl dgst -sha256 -r "$file" | cut -d ' ' -f 1)
  cosign verify-blob-attestation "${cosign_options[@]}" --digest "$digest" --digestAlg sha256
  if [[ -n $repo ]]; then
    gh_options=(--bundle "$bundle" --repo "$repo" --predicate-type https://cyclonedx.org/bom)
    [[ -z $root ]] || gh_options+=(--custom-trusted-root "$lines")
    gh attestation verify "$file" "${gh_options[@]}"
  fi
  checked=$((checked + 1))
done < <(find "$folder" "${files[@]}" -print0)
echo "$checked files verified"
