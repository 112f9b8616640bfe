# shellcheck shell=bash disable=SC2154
# Sourced by cloud/clearblade/* after steps.sh. Calls ClearBlade's REST API with the file in $credentials.

# Prints the value of a key in a flat JSON object: field NAME FILE
field() { tr -d '\n' <"$2" | sed -n 's/.*"'"$1"'" *: *"\([^"]*\)".*/\1/p'; }

# The token is in a file, because other users can see the arguments of a command.
header() { printf 'ClearBlade-UserToken: %s\n' "$(field "$1" "$2")" >"$3"; }

# admin METHOD API WHAT [BODY]: uses the credentials of the project, in $work/project
admin() {
  curl -sS --fail --max-time 60 --request "$1" --header "@$work/project.header" \
    --header 'Content-Type: application/json' ${4+--data "$4"} \
    "$(field url "$work/project")/api/$2/$(field systemKey "$work/project")/$3"
}

# regional METHOD API WHAT [BODY]: uses the credentials of the registry, in $work/registry
regional() {
  curl -sS --fail --max-time 60 --request "$1" --header "@$work/registry.header" \
    --header 'Content-Type: application/json' ${4+--data "$4"} \
    "$(field url "$work/registry")/api/$2/$(field systemKey "$work/registry")/$3"
}

# Signs in to the registry once: registry_credentials PROJECT REGION REGISTRY
registry_credentials() {
  [ -s "$work/registry.header" ] || {
    admin POST v/1/code getRegistryCredentials \
      '{"project":"'"$1"'","region":"'"$2"'","registry":"'"$3"'"}' >"$work/registry" &&
      header serviceAccountToken "$work/registry" "$work/registry.header"
  }
}

sign_in() {
  local name
  [ "$credentials" ] || wrong_usage "--credentials is required"
  [ -r "$credentials" ] || fail "$credentials cannot be read: $program --help explains how to get it"
  cp "$credentials" "$work/project"
  for name in project systemKey token url; do
    [ "$(field $name "$work/project")" ] || fail "$credentials has no $name: download it again"
  done
  project=$(field project "$work/project")
  header token "$work/project" "$work/project.header"
}
