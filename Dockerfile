# One image for every part of meshbot:
#
#   docker run IMAGE check mtls bookinfo --files -     the command-line tool
#   command: [node, src/bot.ts]                        in a Deployment: the bot; likewise src/worker.ts and src/fixer.ts
#
# It has no shell and no package manager, writes nothing, and runs as any user. Process 1 is Node.js, which handles signals itself.
# test/cluster/image.sh builds it without Docker.

FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
# A registry of your own, if you need one: --secret id=npmrc,src=$HOME/.npmrc
RUN --mount=type=secret,id=npmrc,target=/root/.npmrc npm ci --omit=dev --ignore-scripts --no-audit --no-fund --loglevel=error
COPY src ./src
COPY LICENSE ./
# Node.js comes from the image; sources, types, maps and other runtimes' binaries are of no use in it. Any user may read the rest.
RUN rm -rf node_modules/node-linux-* node_modules/@types node_modules/bare-*/prebuilds node_modules/.bin node_modules/.package-lock.json \
 && find node_modules -type f \( -name '*.map' -o -name '*.ts' -o -name '*.mts' -o -name '*.cts' \) -exec rm {} + \
 && chmod -R u=rwX,go=rX /app

FROM gcr.io/distroless/nodejs24-debian12
ARG VERSION=dev
ARG REVISION=unknown
ARG CREATED=unknown
LABEL org.opencontainers.image.title="meshbot" \
      org.opencontainers.image.description="A Slack chat-ops bot that answers questions about an Istio or OpenShift service mesh" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.created="$CREATED"
ENV NODE_ENV=production PATH=/nodejs/bin
WORKDIR /app
COPY --from=build /app /app
USER 65532
ENTRYPOINT ["node", "/app/src/cli.ts"]
CMD ["--help"]
