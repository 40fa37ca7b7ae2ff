#!/bin/sh
# Ready once it answers with the password: not while it still reads its file.
set -eu
REDISCLI_AUTH=$(sed -n 's#^redis://[^:@/]*:\([^@/]*\)@.*#\1#p' /var/run/meshbot/redis-url)
export REDISCLI_AUTH
test "$(redis-cli -h 127.0.0.1 ping)" = PONG
