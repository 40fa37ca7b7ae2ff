#!/bin/sh
# Starts Redis with the password that the Secret's redis-url names, so that it is written in one place only.
set -eu
umask 077
password=$(sed -n 's#^redis://[^:@/]*:\([^@/]*\)@.*#\1#p' /var/run/meshbot/redis-url)
case $password in
'' | PASSWORD | *[!A-Za-z0-9._~-]*)
  echo 'The key redis-url of the Secret meshbot should be redis://:PASSWORD@redis:6379, with a password of your own, of letters and digits: openssl rand -hex 24.' >&2
  exit 1
  ;;
esac
{
  cat /etc/meshbot-redis/redis.conf
  echo "requirepass $password"
} >/tmp/redis.conf
exec redis-server /tmp/redis.conf
