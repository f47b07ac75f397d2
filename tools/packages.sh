# SPDX-License-Identifier: MIT
# For tools/quickstart and tests/run: see that packages of Debian or Ubuntu are there.

# Is package $1 installed?
installed() {
	[ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# Is there a package $1 to be had?
available() {
	apt-cache show "$1" >/dev/null 2>&1
}

as_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	else
		sudo -n "$@"
	fi
}

# Install those of the packages named that are missing; without apt, or without the right to
# use it, say which and stop.  Nothing is asked, and nothing is fetched if nothing is missing.
need_packages() {
	if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
		for program in meson ninja pkg-config; do
			command -v "$program" >/dev/null && continue
			echo "$0: this is not Debian or Ubuntu; install by other means what these" >&2
			echo "packages of Debian hold, then run this again: $*" >&2
			exit 1
		done
		return 0
	fi
	missing=
	for package in "$@"; do
		installed "$package" || missing="$missing $package"
	done
	[ -n "$missing" ] || return 0
	if [ "$(id -u)" != 0 ] && ! sudo -n true 2>/dev/null; then
		echo "$0: packages are missing; install them and run this again:" >&2
		echo "  sudo apt-get install$missing" >&2
		exit 1
	fi
	echo "installing$missing"
	log=$(mktemp)
	export DEBIAN_FRONTEND=noninteractive
	# shellcheck disable=SC2086 # a list of names
	if ! { as_root apt-get -q update &&
		as_root apt-get -q install -y --no-install-recommends $missing; } >"$log" 2>&1 </dev/null; then
		cat "$log" >&2
		rm -f "$log"
		echo "$0: could not install$missing" >&2
		exit 1
	fi
	rm -f "$log"
}

# As above, but what is not to be had is done without.
want_packages() {
	command -v apt-cache >/dev/null || return 0
	wanted=
	for package in "$@"; do
		if installed "$package" || available "$package"; then
			wanted="$wanted $package"
		else
			echo "without $package, which is not to be had here"
		fi
	done
	# shellcheck disable=SC2086
	need_packages $wanted
}
