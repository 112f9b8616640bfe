# shellcheck shell=bash disable=SC2034,SC2154
# Sourced by cloud/*/rollout after steps.sh. Sets the desired property routes of devices, and lists what they
# report. docs/operate/fleet.md describes the property.
#
# The script that sources it defines the functions usage, advice, ready (checks the options and signs in),
# members (prints the ids of the devices in $group, one per line), twin DEVICE (prints an object whose members
# are desired, the desired property routes, and reported, the part bundle of the inventory; each may be null),
# and offer DEVICE (sets the desired property routes to $offered).

device=${DEVICE_ID:-} group='' file=- status='' verb='' offered=''
flags+=' group file'
switches+=' status'

# Reads the line that sign prints: {"routes":{...}}
read_offer() {
  local text
  [ "$file" = - ] || [ -r "$file" ] || fail "$file cannot be read: write the output of ./run sign to it"
  text=$(cat "$file") # standard input for -
  offered=$(jq -ce '.routes
    | select((.version | type == "number" and . >= 1 and . == floor)
      and (.url | type == "string" and test("^(https|nats)://"))
      and (.sha256 | type == "string" and test("^[0-9a-f]{64}$"))
      and (.signature | type == "string" and length == 88))
    | {version, url, sha256, signature}' <<<"$text" 2>/dev/null) && [ "$offered" ] || # jq 1.6 accepts no input
    fail "${file/#-/the input} is not the output of ./run sign FOLDER: {\"routes\":{...}}"
}

# one DEVICE: in a subshell, so that an error does not end the other devices
one() {
  local verdict
  label=$1
  twin "$1" >"$work/twin" 2>"$work/err" || stop "reading its state"
  if [ "$status" ]; then
    jq -r --arg device "$1" '[$device, (.desired.version, .reported.version, .reported.phase,
        .reported.current, .reported.error | . // "-" | tostring | gsub("[[:cntrl:]]+"; " "))] | @tsv' \
      "$work/twin" | row
    return
  fi
  # shellcheck disable=SC2016 # the variables are jq's
  verdict=$(jq -r --argjson offer "$offered" '([.desired.version, .reported.version] | map(numbers) | max) as $last
    | if .desired == $offer then "there"
      elif ($last // 0) > $offer.version then "version \($offer.version) is older than version \($last), which it has or was offered"
      elif .desired.version == $offer.version and .desired.sha256 != $offer.sha256
      then "it was offered other files as version \($offer.version)"
      else "new" end' "$work/twin")
  case $verdict in
    there) echo "$1: version $version is already offered" ;;
    new)
      if [ "$dry" ]; then
        echo "$1: version $version would be offered"
      else
        offer "$1" >"$work/out" 2>"$work/err" || stop "setting its state"
        echo "$1: version $version offered"
      fi
      ;;
    *) fail "$1: $verdict: sign the files with a higher version" ;;
  esac
}

# Prints the tab-separated fields of a device in columns.
row() {
  local fields
  IFS=$'\t' read -r -a fields
  printf '%-24s %8s %8s  %-12s %7s  %s\n' "${fields[@]}"
}

rollout() {
  local ids id failed='' version
  options "$@"
  if [ "$group" ]; then
    [ -z "${DEVICE_ID:-}" ] || [ "$device" != "$DEVICE_ID" ] || device=''
    [ -z "$device" ] || wrong_usage "use either --device or --group"
  else
    [ "$device" ] || wrong_usage "--device or --group is required"
    check_device
  fi
  command -v jq >/dev/null || fail "jq is not on PATH: install jq 1.6 or later"
  if [ -z "$status" ]; then
    read_offer
    version=$(jq .version <<<"$offered")
  fi
  ready
  if [ "$group" ]; then
    label="group $group"
    members >"$work/members" 2>"$work/err" || stop "listing its devices"
    mapfile -t ids < <(tr -s '[:space:]' '\n' <"$work/members" | grep . | sort -u)
    [ ${#ids[@]} -gt 0 ] || fail "$label: it has no devices"
  else
    ids=("$device")
  fi
  [ -z "$status" ] || printf 'device\toffered\tversion\tphase\tcurrent\terror\n' | row
  for id in "${ids[@]}"; do
    (one "$id") || failed=yes
  done
  [ -z "$failed" ]
}
