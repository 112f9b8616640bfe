# shellcheck shell=bash disable=SC2034,SC2154
# Sourced by cloud/*/setup and cloud/*/rollout. Contains idempotent steps, a record of what they created, dry runs, teardown
# and the file of settings.
#
# The script that sources it sets these variables: program (its name in messages), folder (for its files),
# absent (a pattern of the CLI's messages about things that do not exist), flags (options with a value;
# --a-b sets a_b), switches (options without a value) and secret (keys whose values are not shown).
# It also defines the functions usage and advice (how to fix an error of the CLI).

[ "${BASH_VERSINFO[0]}" -ge 4 ] || { echo "$program: bash 4 or later is required" >&2; exit 1; }
umask 077 # keys and settings are written here

dry='' yes='' show_secrets='' verb=create env_file=''
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
# Encloses the name of a variable in a dry run, where its value is not known yet.
mark=$'\001'

fail() {
  echo "$program: $*" >&2
  exit 1
}

wrong_usage() {
  echo "$program: $*; $program --help lists the options" >&2
  exit 2
}

# Reads the arguments into variables. A script without verbs leaves verb empty.
options() {
  local name
  while [ $# -gt 0 ]; do
    case $1 in
      create | teardown) [ "$verb" ] || wrong_usage "unknown argument $1"; verb=$1 ;;
      -h | --help) usage; exit 0 ;;
      --*=*)
        name=${1%%=*}
        set -- "$name" "$@"
        set -- "$1" "${2#*=}" "${@:3}"
        ;;&
      --*)
        name=${1#--}
        if [[ " $flags device folder env-file " == *" $name "* ]]; then
          [ $# -gt 1 ] || wrong_usage "$1 needs a value"
          printf -v "${name//-/_}" %s "$2"
          shift
        elif [[ " $switches dry-run yes show-secrets " == *" $name "* ]]; then
          name=${name/dry-run/dry}
          printf -v "${name//-/_}" %s yes
        else
          wrong_usage "unknown option $1"
        fi
        ;;
      *) wrong_usage "unknown argument $1" ;;
    esac
    shift
  done
}

check_device() {
  [[ $device =~ ^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$ ]] ||
    wrong_usage "--device $device: use at most 128 letters, digits, '.', '_' and '-'"
}

parse() {
  options "$@"
  check_device
  folder=$(cd "$folder" 2>/dev/null && pwd) || fail "the folder $folder does not exist"
  env_file=${env_file:-$folder/$device.env}
  [[ $env_file == /* ]] || env_file=$PWD/$env_file
  record=$folder/made
}

# need COMMAND HOW-TO-INSTALL
need() {
  [ "$dry" ] || command -v "$1" >/dev/null || fail "$1 is not on PATH: $2"
}

# Prints words, quoted for a shell.
words() {
  local word text='' apostrophe="'\\''" open="\${" dollar="\\\$" tick='\`' quote='\"' back="\\\\"
  for word; do
    if [[ $word == *"$mark"* ]]; then
      word=${word//\\/"$back"}
      word=${word//\"/"$quote"}
      word=${word//\$/"$dollar"}
      word=${word//\`/"$tick"}
      while [[ $word == *"$mark"* ]]; do
        word=${word/"$mark"/"$open"}
        word=${word/"$mark"/"}"}
      done
      word="\"$word\""
    elif ! [[ $word =~ ^[A-Za-z0-9_./:=@%+,-]+$ ]]; then
      word="'${word//\'/"$apostrophe"}'"
    fi
    text+="${text:+ }$word"
  done
  printf '%s' "$text"
}

# Prints the error of COMMAND... in one line and ends the script.
stop() {
  local said what=$1
  said=$(cat "$work/err" "$work/out" 2>/dev/null | tr -s '[:space:]' ' ' | cut -c 1-400)
  case $1 in az | aws | gcloud) what="$1 $2 $3" ;; esac
  fail "$label: $what failed: ${said:-no output}: $(advice "$said")"
}

# Succeeds if COMMAND... prints something that exists.
there() {
  local answer
  if ! "$@" >"$work/out" 2>"$work/err"; then
    grep -qE "$absent" "$work/err" || stop "$@"
    return 1
  fi
  answer=$(<"$work/out")
  case ${answer//[[:space:]]/} in '' | false | None | null | '[]') return 1 ;; esac
}

made_here() { [ "$dry" ] || grep -qsF -- "$(printf '\t%s\t' "$1")" "$record"; }

# Prints the line of the record for a thing: record_line OWNER LABEL COMMAND-THAT-REMOVES-IT...
record_line() { printf '%s\t%s\t%s' "$1" "$2" "$(words "${@:3}")"; }

remember() { grep -qsxF -- "$1" "$record" || printf '%s\n' "$1" >>"$record"; }

forget() {
  grep -vxF -- "$1" "$record" >"$record.new" || true
  mv "$record.new" "$record"
  [ -s "$record" ] || rm "$record"
}

# step LABEL [--mine] [--while PATTERN] --look COMMAND... --make COMMAND... [--undo COMMAND...]
# Creates a thing if it does not exist, and records how to remove it. --mine: it belongs to this device
# only. --while: a failure with that text is temporary, because permissions spread slowly.
step() {
  label=$1
  local owner='*' passing='' part='' line='' tries=0 look=() make=() undo=()
  shift
  while [ $# -gt 0 ]; do
    case $1 in
      --mine) owner=$device ;;
      --while) passing=$2; shift ;;
      --look | --make | --undo) part=${1#--} ;;
      *)
        case $part in
          look) look+=("$1") ;;
          make) make+=("$1") ;;
          *) undo+=("$1") ;;
        esac
        ;;
    esac
    shift
  done
  if [ "$dry" ]; then
    printf '# %s\n%s\n' "${label//"$mark"/}" "$(words "${make[@]}")"
    return
  fi
  if there "${look[@]}"; then
    echo "$label: exists"
    return
  fi
  if [ ${#undo[@]} -gt 0 ]; then
    # Recorded before the command runs, because an interrupted command may have created the thing.
    line=$(record_line "$owner" "$label" "${undo[@]}")
    remember "$line"
  fi
  until "${make[@]}" >"$work/out" 2>"$work/err"; do
    if [ "$passing" ] && [ "$tries" -lt 20 ] && grep -qE "$passing" "$work/err"; then
      echo "$label: permissions are still spreading; retrying in ${SETUP_PAUSE:-15} s"
      sleep "${SETUP_PAUSE:-15}"
      tries=$((tries + 1))
    else
      [ -z "$line" ] || forget "$line"
      stop "${make[@]}"
    fi
  done
  echo "$label: created"
}

# capture NAME COMMAND...: sets the variable NAME to the output of the command.
capture() {
  label=$1
  local name=$1
  shift
  if [ "$dry" ]; then
    echo "$name=\$($(words "$@"))"
    printf -v "$name" %s "$mark$name$mark"
    return
  fi
  "$@" >"$work/out" 2>"$work/err" || stop "$@"
  printf -v "$name" %s "$(cat "$work/out")"
  [ -n "${!name}" ] || stop "$@"
}

# act LABEL COMMAND...: runs a command that creates nothing.
act() {
  label=$1
  shift
  if [ "$dry" ]; then
    printf '# %s\n%s\n' "$label" "$(words "$@")"
  else
    "$@" >"$work/out" 2>"$work/err" || stop "$@"
  fi
}

# Replaces the file only when it is complete.
make_key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.new" && mv "$1.new" "$1"; }

file_there() { if [ -s "$1" ]; then echo yes; fi; }

# key_step FILE [--mine]
key_step() {
  step "key $1" "${@:2}" --look file_there "$1" --make make_key "$1" --undo rm -f "$1"
}

# write_settings FILE KEY VALUE ...
write_settings() {
  local file=$1
  shift
  (
    umask 077
    while [ $# -gt 0 ]; do
      printf "%s='%s'\n" "$1" "$(printf %s "$2" | sed "s/'/'\\\\''/g")"
      shift 2
    done >"$file.new"
  ) && mv "$file.new" "$file"
}

same_settings() {
  write_settings "$work/settings" "${@:2}" &&
    if cmp -s "$work/settings" "$1" && [[ $(ls -l "$1") == -rw-------* ]]; then echo yes; fi
}

# Checked before anything is created: the file may belong to another device.
check_env_file() {
  [ "$dry" ] || [ ! -e "$env_file" ] || grep -qxF "DEVICE_ID='$device'" "$env_file" ||
    fail "$env_file holds the settings of another device: name another file with --env-file"
}

# settings KEY VALUE ...: writes the file and shows its content.
settings() {
  step "settings $env_file" --mine --look same_settings "$env_file" "$@" \
    --make write_settings "$env_file" "$@" --undo rm -f "$env_file"
  [ -z "$dry" ] || return 0
  echo
  while [ $# -gt 0 ]; do
    if [[ " $secret " == *" $1 "* ]] && [ -z "$show_secrets" ]; then
      echo "$1=(hidden; shown with --show-secrets)"
    else
      echo "$1=$(words "$2")"
    fi
    shift 2
  done
}

# Prints the first lines of a dry run, so that its output is a complete script.
begin() {
  if [ "$dry" ]; then
    printf '# %s\nset -euo pipefail\numask 077\n' "$program: the commands of this dry run"
    declare -f write_settings "$@"
  fi
}

# Removes, in reverse order, what was created for this device according to the record. Things that devices
# share are removed with the last device.
teardown() {
  local others lines=() i owner undo answer=''
  others=$(cut -f 1 "$record" 2>/dev/null | grep -vxF -e '*' -e "$device" | sort -u | paste -sd ' ' || true)
  while IFS= read -r line; do
    owner=${line%%$'\t'*}
    if [ "$owner" = "$device" ] || { [ "$owner" = '*' ] && [ -z "$others" ]; }; then lines+=("$line"); fi
  done < <(cat "$record" 2>/dev/null || true)
  [ -z "$others" ] || echo "# shared resources are kept, because other devices use them: $others"
  [ ${#lines[@]} -gt 0 ] || { echo "# the record in $folder has nothing for $device"; return; }
  if [ "$dry" ]; then
    begin "$@"
  else
    for line in "${lines[@]}"; do
      line=${line#*$'\t'}
      echo "  ${line%%$'\t'*}"
    done
    [ "$yes" ] || read -r -p "Remove these with all their content? [y/N] " answer || true
    [ "$yes" ] || [[ $answer == [yY]* ]] || { echo "nothing removed"; exit 1; }
  fi
  for ((i = ${#lines[@]} - 1; i >= 0; i--)); do
    line=${lines[i]#*$'\t'}
    label=${line%%$'\t'*}
    undo=${line#*$'\t'}
    if [ "$dry" ]; then
      printf '# %s\n%s\n' "$label" "$undo"
    elif eval "$undo" >"$work/out" 2>"$work/err"; then
      echo "$label: removed"
    elif grep -qE "$absent" "$work/err"; then
      echo "$label: does not exist any more"
    else
      eval "stop $undo"
    fi
    [ "$dry" ] || forget "${lines[i]}"
  done
}
