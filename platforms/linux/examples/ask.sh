#!/bin/sh
# ask.sh [SOCKET]: asks the socket of pocketbert.socket; each line of standard input gets a line of JSON.
#
# Without systemd, socat is the listener (a Unix socket that only you may open):
#   socat UNIX-LISTEN:$XDG_RUNTIME_DIR/pocketbert.sock,fork,mode=600,max-children=4 \
#     EXEC:'pocketbert run /usr/share/pocketbert/demo.pbert --reject --json' &
#   echo 'please set an alarm for six thirty' | ./ask.sh
#   systemctl --user status pocketbert.socket     # with systemd: how many have asked
#   journalctl --user -u 'pocketbert@*'           # and what went wrong
socket=${1:-${XDG_RUNTIME_DIR:-/run/user/$(id -u)}/pocketbert.sock}
exec socat -t 10 - "UNIX-CONNECT:$socket"
