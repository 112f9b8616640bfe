# shellcheck shell=bash disable=SC2034,SC2154
# Sourced by cloud/*/setup: steps that look before they make, a record of what was made, dry runs,
# teardown and the file of settings.
#
# The script that sources it sets: program (its name in messages), folder (where its files go), absent
# (a pattern of what the CLI says when a thing isn't there), flags (options with a value; --a-b sets
# a_b), switches (options without), secret (keys whose values aren't shown) and the functions usage,
# advice (what to look at, by what the CLI said) and shown (the functions that a dry run has to print).

[ "${BASH_VERSINFO[0]}" -ge 4 ] || { echo "$program: needs bash 4 or later" >&2; exit 1; }
umask 077 # keys and settings are written here

dry='' yes='' show_secrets='' verb=create env_file=''
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
# Stands around a variable's name in a dry run, where its value isn't known yet.
mark=$'\001'

fail() {
  echo "$program: $*" >&2
  exit 1
}

wrong_usage() {
  echo "$program: $*; $program --help says what there is" >&2
  exit 2
}

parse() {
  local name
  while [ $# -gt 0 ]; do
    case $1 in
      create | teardown) verb=$1 ;;
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
  [[ $device =~ ^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$ ]] ||
    wrong_usage "--device $device: letters, digits, '.', '_' and '-', 128 at most"
  folder=$(cd "$folder" 2>/dev/null && pwd) || fail "there is no folder $folder"
  env_file=${env_file:-$folder/$device.env}
  [[ $env_file == /* ]] || env_file=$PWD/$env_file
  record=$folder/made
}

# need COMMAND HOW-TO-INSTALL
need() {
  [ "$dry" ] || command -v "$1" >/dev/null || fail "there is no $1 on PATH: $2"
}

# Prints words so that a shell reads them as they are.
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

# What COMMAND... said when it failed, in one line, and the end of the script.
stop() {
  local said what=$1
  said=$(cat "$work/err" "$work/out" 2>/dev/null | tr -s '[:space:]' ' ' | cut -c 1-400)
  case $1 in az | aws | gcloud) what="$1 $2 $3" ;; esac
  fail "$label: $what said: ${said:-nothing}: $(advice "$said")"
}

# Whether COMMAND... prints something that is there.
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

forget() {
  grep -vxF -- "$1" "$record" >"$record.new" || true
  mv "$record.new" "$record"
  [ -s "$record" ] || rm "$record"
}

# step LABEL [--mine] [--while PATTERN] --look COMMAND... --make COMMAND... [--undo COMMAND...]
# Makes a thing unless it is there, and records how to undo that. --mine: it belongs to this device
# alone. --while: a failure with that text passes by itself, since permissions spread slowly.
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
    echo "$label: is there"
    return
  fi
  if [ ${#undo[@]} -gt 0 ]; then
    # Before it is made: what is interrupted meanwhile may be there nevertheless.
    line=$(printf '%s\t%s\t%s' "$owner" "$label" "$(words "${undo[@]}")")
    grep -qsxF -- "$line" "$record" || printf '%s\n' "$line" >>"$record"
  fi
  until "${make[@]}" >"$work/out" 2>"$work/err"; do
    if [ "$passing" ] && [ "$tries" -lt 20 ] && grep -qE "$passing" "$work/err"; then
      echo "$label: permissions take a while to spread; trying again in ${SETUP_PAUSE:-15} s"
      sleep "${SETUP_PAUSE:-15}"
      tries=$((tries + 1))
    else
      [ -z "$line" ] || forget "$line"
      stop "${make[@]}"
    fi
  done
  echo "$label: made"
}

# capture NAME COMMAND...: the variable NAME becomes what the command prints.
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

# act LABEL COMMAND...: runs a command that leaves nothing behind.
act() {
  label=$1
  shift
  if [ "$dry" ]; then
    printf '# %s\n%s\n' "$label" "$(words "$@")"
  else
    "$@" >"$work/out" 2>"$work/err" || stop "$@"
  fi
}

# Replaces the file only when all of it is written.
make_key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.new" && mv "$1.new" "$1"; }

file_there() { if [ -s "$1" ]; then echo yes; fi; }

key_step() {
  step "key $1" --mine --look file_there "$1" --make make_key "$1" --undo rm -f "$1"
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

# Before anything is made: the file may be somebody else's.
check_env_file() {
  [ "$dry" ] || [ ! -e "$env_file" ] || grep -qxF "DEVICE_ID='$device'" "$env_file" ||
    fail "$env_file holds the settings of another device: name another file with --env-file"
}

# settings KEY VALUE ...: writes the file and shows what is in it.
settings() {
  step "settings $env_file" --mine --look same_settings "$env_file" "$@" \
    --make write_settings "$env_file" "$@" --undo rm -f "$env_file"
  [ -z "$dry" ] || return 0
  echo
  while [ $# -gt 0 ]; do
    if [[ " $secret " == *" $1 "* ]] && [ -z "$show_secrets" ]; then
      echo "$1=(hidden; --show-secrets shows it)"
    else
      echo "$1=$(words "$2")"
    fi
    shift 2
  done
}

# The first lines of a dry run, so that the rest can be pasted.
begin() {
  if [ "$dry" ]; then
    printf '# %s\nset -euo pipefail\numask 077\n' "$program: what it would run"
    declare -f write_settings "$@"
  fi
}

# Undoes, last first, what the record says was made for this device; what devices share goes with the
# last of them.
teardown() {
  local others lines=() i owner undo answer=''
  others=$(cut -f 1 "$record" 2>/dev/null | grep -vxF -e '*' -e "$device" | sort -u | paste -sd ' ' || true)
  while IFS= read -r line; do
    owner=${line%%$'\t'*}
    if [ "$owner" = "$device" ] || { [ "$owner" = '*' ] && [ -z "$others" ]; }; then lines+=("$line"); fi
  done < <(cat "$record" 2>/dev/null || true)
  [ -z "$others" ] || echo "# what all devices use stays: $others still there"
  [ ${#lines[@]} -gt 0 ] || { echo "# nothing of $device that was made from $folder is left"; return; }
  if [ "$dry" ]; then
    begin "$@"
  else
    for line in "${lines[@]}"; do
      line=${line#*$'\t'}
      echo "  ${line%%$'\t'*}"
    done
    [ "$yes" ] || read -r -p "Remove these, with all that is in them? [y/N] " answer || true
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
      echo "$label: is gone already"
    else
      eval "stop $undo"
    fi
    [ "$dry" ] || forget "${lines[i]}"
  done
}
