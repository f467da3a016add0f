#!/bin/sh
# {{name}}, compiled by denizen compile. The app and the Deno that runs it follow this script. The first start
# unpacks them into a cache folder and checks their SHA-256; later starts check the app again, and the size of
# Deno.
set -u
umask 077

fail() {
  printf 'error: Cannot start {{name}} as %s\n' "$1" >&2
  exit 1
}

self=$0
[ -f "$self" ] || self=$(command -v -- "$0") || fail "it cannot be found: $0"
here=$(CDPATH='' cd -- "$(dirname -- "$self")" && pwd) || fail "its folder cannot be read: $self"
self=$here/$(basename -- "$self")

root=${XDG_CACHE_HOME:-${HOME:+$HOME/.cache}}
cache=${DENIZEN_CACHE:-${root:-${TMPDIR:-/tmp}/cache-$(id -u)}/denizen}
home=$cache/app-{{app_sha256}}
runtime=$cache/deno-{{deno_sha256}}

# The hash of standard input, in hex.
sha256() {
  if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi | cut -c1-64
}
check_files() {
  if command -v sha256sum >/dev/null; then sha256sum -c; else shasum -a 256 -c; fi
}
# Prints a part of this file, given its start and its length in bytes.
part() {
  tail -c "+$(($1 + 1))" "$self" | head -c "$2"
}

app_is_whole() {
  [ -f "$1/SHA256SUMS" ] && [ "$(sha256 <"$1/SHA256SUMS")" = {{app_sha256}} ] &&
    (cd -- "$1" && check_files <SHA256SUMS >/dev/null 2>&1)
}
deno_is_whole() {
  [ -f "$1" ] && [ "$(wc -c <"$1" | tr -d ' ')" = {{deno_size}} ]
}

unpack() {
  mkdir -p -- "$cache" && [ -O "$cache" ] && chmod 700 -- "$cache" ||
    fail "you do not own its cache folder: $cache (set DENIZEN_CACHE to use another one)"
  draft=$(mktemp -d "$cache/draft-XXXXXX") || fail "its cache folder is not writable: $cache"
  trap 'rm -rf -- "$draft"' EXIT
  trap 'exit 130' INT TERM HUP
  if ! app_is_whole "$home"; then
    app=$draft/${draft##*/}
    mkdir "$app"
    part {{app_start}} {{app_packed}} | gzip -dc | tar -xf - -C "$app" ||
      fail "it cannot be unpacked to its cache folder: $cache"
    app_is_whole "$app" || fail "it is damaged: $self"
    [ ! -e "$home" ] || mv -- "$home" "$draft/changed"
    # If another start was faster, mv moves this copy into its folder, and it is removed.
    mv -- "$app" "$home" && rm -rf -- "$home/${app##*/}"
  fi
  if ! deno_is_whole "$runtime"; then
    part {{deno_start}} {{deno_packed}} | gzip -dc >"$draft/deno" ||
      fail "it cannot be unpacked to its cache folder: $cache"
    [ "$(sha256 <"$draft/deno")" = {{deno_sha256}} ] || fail "it is damaged: $self"
    chmod 500 "$draft/deno" && mv -f -- "$draft/deno" "$runtime"
  fi
  rm -rf -- "$draft"
  trap - EXIT INT TERM HUP
}
app_is_whole "$home" && deno_is_whole "$runtime" || unpack

# The permissions depend on the options: the node may listen on its host and port, and write its data.
host={{host}} port={{port}} data={{data}} option=''
for word in "$@"; do
  case $option in
    --host) host=$word ;;
    --port) port=$word ;;
    --data) data=$word ;;
  esac
  option=''
  case $word in
    --host=*) host=${word#*=} ;;
    --port=*) port=${word#*=} ;;
    --data=*) data=${word#*=} ;;
    --host | --port | --data) option=$word ;;
  esac
done
# The program itself reports wrong values.
case $port in '' | *[!0-9]* | ??????*) port=0 ;; esac
[ "$port" -le 65535 ] || port=0
case $host in '' | *[!0-9A-Za-z.:_-]*) host=127.0.0.1 ;; esac
case $host in *:*) host="[$host]" ;; esac
case $data in :memory: | http://* | https://*) data=$cache/nothing ;; /*) ;; *) data=$(pwd)/$data ;; esac
case $cache$data$here in *,*) fail "a path has a comma, which permissions of Deno cannot contain: $cache, $data, $here" ;; esac
libraries=$cache/libraries packs=$here/packs

export DENO_DIR="$cache/deno" DENO_NO_UPDATE_CHECK=1
exec "$runtime" run --quiet --no-prompt --no-config --no-lock --no-remote --no-npm --cached-only --unstable-kv \
  {{permissions}} \
  "$home/main.js" "$self" "$libraries" "$@"
