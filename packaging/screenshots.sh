#!/bin/sh
# Starts the real window under Xvfb on the sample, drives it, and writes pictures of every workspace and state.
# usage: screenshots.sh [program] [sample project] [folder]
set -eu
cd "$(dirname "$0")/.."
binary=${1:-target/debug/parcelight}
sample=${2:-data-samples/pajottenland_2019/pajottenland_2019.parcelight.toml}
folder=${3:-target/screenshots}
for tool in Xvfb xdotool import; do
    command -v "$tool" >/dev/null || { echo "screenshots: $tool is missing; run 'make setup'" >&2; exit 1; }
done
[ -x "$binary" ] || { echo "screenshots: $binary is not built" >&2; exit 1; }
mkdir -p "$folder"
work=$(mktemp -d)
number=90
while [ -e "/tmp/.X$number-lock" ]; do number=$((number + 1)); done
export DISPLAY=":$number" PARCELIGHT_HOME="$work/home"
Xvfb "$DISPLAY" -screen 0 1920x1200x24 >/dev/null 2>&1 &
server=$!
window=
finish() {
    [ -z "$window" ] || kill "$window" 2>/dev/null || true
    kill "$server" ${serving:-} ${encrypted:-} 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT INT TERM
tries=0
until xdotool getdisplaygeometry >/dev/null 2>&1; do
    tries=$((tries + 1))
    [ "$tries" -lt 50 ] || { echo "screenshots: Xvfb does not start" >&2; exit 1; }
    sleep 0.2
done

# picture NAME SIZE THEME ACTIONS SECONDS [KEYS] [TEXTS]: one window, one picture. Words of KEYS starting with = are typed.
picture() {
    name=$1
    # ONLY=start,palette makes only these.
    case ",${ONLY:-$name}," in *",$name,"*) ;; *) return 0 ;; esac
    # Each picture starts as after an orderly end: nothing to reopen, nothing to report.
    rm -f "$PARCELIGHT_HOME/open.json"
    PARCELIGHT_SIZE=$2 PARCELIGHT_THEME=$3 PARCELIGHT_DO=$4 "$binary" $5 >"$work/log" 2>&1 &
    window=$!
    seconds=$6
    shift 6
    tries=0
    until id=$(xdotool search --onlyvisible --name '^Parcelight$' 2>/dev/null | head -1) && [ -n "$id" ]; do
        tries=$((tries + 1))
        [ "$tries" -lt 100 ] || { echo "screenshots: no window for $name" >&2; cat "$work/log" >&2; exit 1; }
        sleep 0.2
    done
    # Nothing has the keyboard focus without a window manager.
    xdotool windowmove "$id" 0 0 windowfocus "$id"
    sleep "$seconds"
    for word in "$@"; do
        case $word in
            =*) xdotool type --delay 30 "${word#=}" ;;
            *) xdotool key "$word" ;;
        esac
        sleep 0.5
    done
    [ $# -eq 0 ] || sleep 2
    import -window "$id" "$folder/$name.png"
    kill "$window" 2>/dev/null || true
    wait "$window" 2>/dev/null || true
    window=
    echo "$folder/$name.png"
}

# A copy, so that neither cache nor saved settings land in the sources.
cp -r "$(dirname "$(dirname "$sample")")" "$work/data"
project="$work/data/$(basename "$(dirname "$sample")")/$(basename "$sample")"
cp "$project" "$work/original"

# view TOML...: what the project shows from now on.
view() {
    { cat "$work/original"; echo; echo "[display]"; printf '%s\n' "$@"; } > "$project"
}

# Files that cannot be read, for the scan report of a new project.
season="$work/season"
mkdir -p "$season"
cp -r "$(dirname "$project")/s2" "$(dirname "$project")/parcels_2019.gpkg" "$season/"
: > "$season/s2/S2A_20190401T105031_T31UES_10m.tif"
echo "not an image" > "$season/s2/S2B_20190405T105029_T31UES_10m.tif"
head -c 900 "$(find "$season/s2" -name '*.tif' -size +4k | sort | head -1)" > "$season/s2/S2B_20190403T105029_T31UES_10m.tif"

full=1600x1000
maize=next-ten,next-parcel,next-parcel
spring=first-date
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do spring=$spring,next-usable; done
picture calendar_fixed $full dark "$maize,$spring" "$project" "${WAIT:-25}"
picture start $full light "" "" 3
picture new_project $full light new-project "" 2 "=$season/parcels_2019.gpkg" Return "=$season/s2" Return
picture dark $full dark "" "$project" 10
picture light $full light "" "$project" 10
picture small_1280x800 1280x800 light "" "$project" 10
picture small_queue 1280x800 dark filter "$project" 10
picture palette $full dark palette "$project" 8 "=la"
picture shortcuts $full light shortcuts "$project" 8
picture settings $full light settings "$project" 8
picture settings_keys $full dark settings "$project" 8 Tab Tab Tab Return
picture scan_report $full light scan-report "$project" 8
picture log $full dark log "$project" 8
picture indices $full dark edit-indices "$project" 8
picture large $full dark large-view "$project" 10
picture compare $full light toggle-compare,next-usable,toggle-compare,next-usable,toggle-compare,compare "$project" 10
picture map $full light map "$project" 12
# The decision pane with something in it, and the sheet that comes of it: in a copy with a journal and a place of its own.
cp -r "$work/data" "$work/decided"
decided="$work/decided/$(basename "$(dirname "$project")")/$(basename "$project")"
picture review_decisions $full dark "$maize,$spring" "$decided" "${WAIT:-25}" e 2 1 3 2 1 k k k
picture report $full light report "$decided" "${WAIT:-25}"
picture report_dark $full dark report "$decided" "${WAIT:-25}"
picture review_reasons $full light "" "$decided" 15 2
picture review_blind $full light blind,next-parcel,next-parcel,next-parcel "$decided" 12
picture graphs_peers $full light "toggle-spread,next-pane" "$project" 12
picture heterogeneity $full light "heterogeneity,toggle-clusters" "$project" "${WAIT:-25}" j j j j j j
picture heterogeneity_population $full light measure-heterogeneity "$project" "${WAIT:-25}"
view 'stretch = { dynamic = { low_percent = 1.0, high_percent = 1.0 } }'
picture calendar_dynamic $full light "" "$project" 12
view 'view = { index = "NDVI" }'
picture calendar_ndvi $full light "" "$project" 12
view 'view = "ndvi_histogram"'
picture histogram $full light "" "$project" 12
view 'view = "red_nir_scatter"'
picture scatter $full dark "" "$project" 12
view 'view = { backscatter = ["VV", "A"] }'
picture radar $full dark "" "$project" 12

# A server of the sample, and projects that get everything from it.
office="$work/office"
mkdir -p "$office"
cp "$work/original" "$project"
printf 'a long password\n' | "$binary" serve --add-user anna --users "$office/users.toml" >/dev/null 2>&1
"$binary" serve --project "$project" --port 0 --users "$office/users.toml" 2>"$office/log" &
serving=$!
tries=0
until port=$(sed -n 's|^serving .* at http://127.0.0.1:\([0-9]*\) .*|\1|p' "$office/log") && [ -n "$port" ]; do
    tries=$((tries + 1))
    [ "$tries" -lt 100 ] || { echo "screenshots: the server does not start" >&2; cat "$office/log" >&2; exit 1; }
    sleep 0.2
done
# remote NAME ADDRESS LINE...: a project of that server.
remote() {
    name=$1 address=$2
    shift 2
    {
        printf 'version = "1.0"\nname = "Office"\nattribution = "Contains modified Copernicus Sentinel data 2018–2019"\n'
        printf '[remote]\nurl = "%s"\nuser = "anna"\naoi = "pajottenland_2019"\nyear = "2019"\n' "$address"
        printf 'parcel_ids = ["FLAPAJ013", "FLAPAJ001", "FLAPAJ007", "FLAPAJ002"]\n'
        printf '%s\n' "$@"
    } > "$office/$name.parcelight.toml"
}
remote good "http://127.0.0.1:$port" "connections = 1"
remote gone "http://127.0.0.1:9" "timeout_secs = 1"
picture connect $full light connect "" 3 "=http://127.0.0.1:$port"
picture connect_refused $full dark "" "$office/good.parcelight.toml" 6
picture connect_unreachable $full light "" "$office/gone.parcelight.toml" 6
if command -v openssl >/dev/null; then
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
        -addext basicConstraints=critical,CA:FALSE \
        -keyout "$office/key.pem" -out "$office/chain.pem" 2>/dev/null
    "$binary" serve --project "$project" --port 0 --certificate "$office/chain.pem" --key "$office/key.pem" 2>"$office/tls" &
    encrypted=$!
    sleep 4
    remote secure "$(sed -n 's|^serving .* at https://127.0.0.1:\([0-9]*\) .*|https://localhost:\1|p' "$office/tls")"
    picture connect_certificate $full light "" "$office/secure.parcelight.toml" 6
    kill "$encrypted" 2>/dev/null || true
fi
export PARCELIGHT_PASSWORD="a long password"
picture remote_loading $full light "" "$office/good.parcelight.toml" "${REMOTE_WAIT:-1.5}"
remote good "http://127.0.0.1:$port"
picture remote $full dark "" "$office/good.parcelight.toml" 30
kill "$serving" 2>/dev/null || true
remote good "http://127.0.0.1:$port" "offline = true"
picture remote_offline $full light "" "$office/good.parcelight.toml" 8
