#!/bin/sh
# Installs what is missing to build and run (`run`) and to test the window (`test`). Does nothing when all is there.
set -eu

RUN="gcc libc6-dev pkg-config libgdal-dev libgl1 libegl1 libxkbcommon0 libxkbcommon-x11-0 libxcursor1 libxi6 libxrandr2 libx11-xcb1
  libwayland-client0"
TEST="mesa-vulkan-drivers libvulkan1 libgl1-mesa-dri libglx-mesa0 libgles2 xvfb xauth xdotool imagemagick fonts-dejavu-core
  poppler-utils"

say() { echo "setup: $*" >&2; }

if ! command -v cargo >/dev/null 2>&1; then
  say "cargo is not there. Install Rust 1.95 or newer from https://rustup.rs, then run this again."
  exit 1
fi

if ! command -v apt-get >/dev/null 2>&1 || ! command -v dpkg-query >/dev/null 2>&1; then
  if pkg-config --exists gdal 2>/dev/null; then
    exit 0 # Another system, but what the build needs is there.
  fi
  say "this system has no apt-get, and GDAL's development files were not found."
  say "Install GDAL 3.6 or newer with its headers and pkg-config by your system's own means, then run this again:"
  say "  Fedora: dnf install gdal-devel pkgconf-pkg-config gcc     Arch: pacman -S gdal pkgconf gcc"
  say "  macOS:  brew install gdal pkg-config"
  exit 1
fi

wanted=""
for group in "$@"; do
  case "$group" in
    run) wanted="$wanted $RUN" ;;
    test) wanted="$wanted $TEST" ;;
    *) say "unknown group “$group”; there are: run, test"; exit 2 ;;
  esac
done

missing=""
for package in $wanted; do
  # The status field is empty or says something else for packages that are unknown or were removed.
  if [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)" != installed ]; then
    missing="$missing $package"
  fi
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -eq 0 ]; then
  root=""
elif command -v sudo >/dev/null 2>&1; then
  root="sudo"
else
  say "these packages are missing, and there is neither root nor sudo to install them:$missing"
  exit 1
fi
say "installing with ${root:+$root }apt-get:$missing"
export DEBIAN_FRONTEND=noninteractive
$root apt-get update -qq
# shellcheck disable=SC2086  # a list of words
$root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
