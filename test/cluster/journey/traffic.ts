import { setTimeout as sleep } from 'node:timers/promises';
import { signs } from '../../../src/report/words.ts';
import type { FakeSlack, MessageHandle } from '../../../src/sandbox/slack/index.ts';

/** A command in a channel of its own, so that what is said there can answer nothing else. */
export interface Question {
  readonly channel: string;
  readonly place: string;
  /**
   * Until Slack has said something, nothing. `refused`: the bot said at once that it cannot take it now.
   * `unacknowledged`: Slack showed an error, and nobody can rely on anything.
   */
  outcome?: 'accepted' | 'refused' | 'unacknowledged';
}

/** Commands on their way. */
export interface Flow {
  readonly questions: readonly Question[];
  /** Resolves when each has its outcome. */
  readonly done: Promise<void>;
}

/** What became of commands. */
export interface Counts {
  readonly asked: number;
  readonly accepted: number;
  readonly refused: number;
  readonly unacknowledged: number;
  /** Accepted, and one terminal message with its evidence stands there, each part once. */
  readonly answered: number;
  /** Of the answered: those that say that something could not be known. */
  readonly unknown: number;
  /** Accepted, and no terminal message came. */
  readonly lost: number;
  /** More than one message, or a part of the evidence twice, whether accepted or not. */
  readonly doubled: number;
  /** A terminal message without its evidence, or a first message that nothing replaced, whether accepted or not. */
  readonly cutShort: number;
  /** Not accepted, but answered all the same. */
  readonly answeredAnyway: number;
}

const places = ['', '/details-v1', '/productpage-v1', '/ratings-v1', '/reviews-v1', '/reviews-v2', '/reviews-v3'];
const people = ['ana', 'ben', 'carla'];

export function traffic(slack: FakeSlack) {
  const all: Question[] = [];

  async function ask(question: Question, person: string): Promise<void> {
    const { ok, answer } = await slack.as(person).in(question.channel).slash(`/mesh mtls ${question.place}`);
    if (!ok) question.outcome = 'unacknowledged';
    else question.outcome = /\(Redis\)/.test(answer?.plain ?? '') ? 'refused' : 'accepted';
  }

  function next(): Promise<void> {
    const number = all.length;
    const channel = `question-${number}`;
    slack.addChannel({ name: channel, members: [...people, 'bot'] });
    const question = { channel, place: `bookinfo${places[number % places.length]}` };
    all.push(question);
    return ask(question, people[number % people.length] ?? 'ana');
  }

  return {
    all: all as readonly Question[],
    /** Types so many commands, one after another without waiting for what becomes of them. */
    flow(count: number, everyMs: number): Flow {
      const first = all.length;
      const type = async (): Promise<void> => {
        const typed: Promise<void>[] = [];
        for (let number = 0; number < count; number += 1) {
          typed.push(next());
          await sleep(everyMs);
        }
        await Promise.all(typed);
      };
      const done = type();
      return {
        get questions() {
          return all.slice(first, first + count);
        },
        done,
      };
    },
    /** Whether the worker has begun with it, and not ended. */
    isUnderWay: (question: Question): boolean => rootsOf(slack, question).some((root) => !isTerminal(root)),
    isAnswered: (question: Question): boolean => isAnswered(slack, question),
    /** Waits for what was accepted, and a moment for what should not come. */
    async settle(questions: readonly Question[], timeoutMs: number): Promise<Counts> {
      const end = performance.now() + timeoutMs;
      const isOpen = (one: Question) =>
        one.outcome === 'accepted'
          ? !isAnswered(slack, one)
          : rootsOf(slack, one).length > 0 && !isAnswered(slack, one);
      while (questions.some(isOpen) && performance.now() < end) await sleep(100);
      await sleep(1_000);
      return countsOf(slack, questions);
    },
  };
}

function countsOf(slack: FakeSlack, questions: readonly Question[]): Counts {
  const count = (holds: (question: Question) => boolean) => questions.filter(holds).length;
  const accepted = questions.filter(({ outcome }) => outcome === 'accepted');
  const roots = (question: Question) => rootsOf(slack, question);
  const answered = accepted.filter((one) => isAnswered(slack, one));
  return {
    asked: questions.length,
    accepted: accepted.length,
    refused: count(({ outcome }) => outcome === 'refused'),
    unacknowledged: count(({ outcome }) => outcome === 'unacknowledged'),
    answered: answered.length,
    unknown: answered.filter((one) => roots(one).some(({ text }) => text.startsWith(signs.unknown))).length,
    lost: accepted.filter((one) => !roots(one).some(isTerminal)).length,
    doubled: count((one) => roots(one).length > 1 || roots(one).some(hasTwice)),
    cutShort: count((one) => roots(one).length > 0 && !isAnswered(slack, one)),
    answeredAnyway: count((one) => one.outcome !== 'accepted' && isAnswered(slack, one)),
  };
}

function rootsOf(slack: FakeSlack, { channel }: Question): readonly MessageHandle[] {
  return slack.messages(channel);
}

/** The verdict about what was asked, with its evidence. */
function isAnswered(slack: FakeSlack, question: Question): boolean {
  const about = new RegExp(` ${question.place} `);
  return rootsOf(slack, question).some(
    (root) => isTerminal(root) && about.test(root.plain) && root.replies().length > 0,
  );
}

/** Only the last state of a message has a button: before, it says what is being looked at. */
function isTerminal(root: MessageHandle): boolean {
  return root.buttons.length > 0;
}

function hasTwice(root: MessageHandle): boolean {
  const parts = root.replies().map(({ metadata }) => JSON.stringify(metadata));
  return new Set(parts).size < parts.length;
}
