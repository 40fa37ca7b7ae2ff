import { connect, createServer, type Socket } from 'node:net';

/**
 * Runs in the cluster's network and passes on to a Unix socket what pods send to a port there: `bridge.ts ADDRESS SOCKET`.
 * Prints the port, and ends with its input, so that nothing is left of it when the test ends.
 */
const [address = '', socket = ''] = process.argv.slice(2);

function join(one: Socket, other: Socket): void {
  one.pipe(other);
  one.on('error', () => other.destroy());
  one.on('close', () => other.destroy());
}

const server = createServer((pod) => {
  const slack = connect(socket);
  join(pod, slack);
  join(slack, pod);
});
server.listen(0, address, () => {
  const bound = server.address();
  process.stdout.write(`${typeof bound === 'object' ? bound?.port : ''}\n`);
});
process.stdin.on('end', () => process.exit(0)).resume();
