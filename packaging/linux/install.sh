#!/bin/sh
# Add Appeal Merge to the menu and the desktop of this user, or remove it again: install.sh --remove
# The program stays in this folder. Campaigns are elsewhere and are never touched.
set -eu
here=$(dirname -- "$(readlink -f -- "$0")")
menu=${XDG_DATA_HOME:-$HOME/.local/share}/applications/appeal-merge.desktop
desktop=$(xdg-user-dir DESKTOP 2>/dev/null || echo "$HOME/Desktop")
icon=$desktop/appeal-merge.desktop

if [ "${1:-}" = --remove ]; then
    rm -f "$menu" "$icon"
    echo "Removed from the menu."
    if [ -e "$here/appeal-merge" ]; then
        echo "To remove the program, delete this folder: $here"
    fi
    exit 0
fi

# An Exec line has two levels of escapes, see the Desktop Entry Specification.
escaped=$(printf %s "$here" | sed -e 's/[\\"`$]/\\\\&/g' -e 's/\\\\\\/\\\\\\\\/g' -e 's/%/%%/g')
mkdir -p "$(dirname "$menu")"
rm -f "$menu" # it may be a link, and so may the icon
cat >"$menu" <<EOF
[Desktop Entry]
Type=Application
Name=Appeal Merge
Comment=Letters to sign by hand from a Word template and an Excel workbook
Exec="$escaped/appeal-merge"
Icon=$here/appeal-merge.png
Terminal=false
Categories=Office;
EOF
if [ -d "$desktop" ] && [ "$desktop" != "$HOME" ]; then
    rm -f "$icon"
    cp "$menu" "$icon"
    chmod +x "$icon"
fi
echo "Appeal Merge is in the menu now. Keep this folder where it is."
