import { type CommonConfig, ConfigError, type Environment } from './config.ts';
import { createLogger, type Logger } from './log.ts';

/** Runs one process: configuration, start, a graceful end on SIGTERM, and an end rather than a limp on what nobody caught. */
export async function runAsMain<C extends CommonConfig>(
  read: (env: Environment) => C,
  start: (config: C, log: Logger) => Promise<{ stop(): Promise<void> }>,
): Promise<void> {
  const config = readOrExit(read);
  const log = createLogger({ level: config.logLevel });
  for (const event of ['unhandledRejection', 'uncaughtException'] as const) {
    process.on(event, (error: unknown) => {
      log.fatal({ error }, 'Something went wrong that nobody caught');
      process.exit(1);
    });
  }
  const running = await start(config, log).catch((error: unknown) => {
    log.fatal({ error }, 'Could not start');
    process.exit(1);
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      log.info({ signal }, 'Stopping');
      setTimeout(() => process.exit(1), config.shutdownMs + 5_000).unref();
      void running.stop().then(() => process.exit(0));
    });
  }
}

function readOrExit<C>(read: (env: Environment) => C): C {
  try {
    return read(process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}
