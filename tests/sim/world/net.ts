import type { BrokerOptions, Connection } from '../../../gateway/doors/broker.ts';
import { passwordMatches } from '../../../gateway/doors/connect-rules.ts';
import type { DownTail, UpTail } from '../../../gateway/wire/mqtt/topics.ts';
import type { Random } from '../engine/random.ts';
import type { Host, Scheduler } from '../engine/scheduler.ts';

/** How one device's way to the gateway behaves; faults change it. */
export interface LinkMood {
  /** Share of messages lost, and of those that come twice. */
  loss: number;
  copy: number;
  /** Share of messages that a broker plays again, up to two minutes later and on whatever connection there is then. */
  replay: number;
  /** Share of messages held up, and by how much at most, ms. */
  slow: number;
  delayMs: number;
  /** Messages may overtake each other. */
  reorder: boolean;
  cutUp: boolean;
  cutDown: boolean;
  /** Nothing passes, and all of it comes at once afterwards. */
  clogged: boolean;
}

/** A way nothing is wrong with. */
export const calm = (): LinkMood => ({ loss: 0, copy: 0, replay: 0, slow: 0, delayMs: 0, reorder: false, cutUp: false, cutDown: false, clogged: false });

/** A device's end. */
export interface Terminal {
  readonly id: string;
  readonly site: string;
  readonly host: Host;
  /** MQTT password, as it is when it connects. */
  readonly password: string;
  connected(): void;
  disconnected(): void;
  received(tail: DownTail, payload: Buffer): void;
}

/** One connection, seen from both ends. */
export interface Session {
  readonly line: Line;
  readonly connection: Connection;
  readonly gate: Endpoint;
  readonly password: string;
  gateOpen: boolean;
  deviceOpen: boolean;
  /** Ms of the world when either end last heard the other. */
  heardAt: number;
  pongAt: number;
}

/** The gateway's end: one for each start of the broker. */
interface Endpoint {
  readonly options: BrokerOptions;
  readonly host: Host;
}

type Direction = 'up' | 'down';
type Packet = () => void;

/** One device's cable. */
export interface Line {
  readonly terminal: Terminal;
  readonly mood: LinkMood;
  session: Session | undefined;
  /** Last arrival in each direction, so that packets keep their order. */
  readonly last: { up: number; down: number };
  readonly held: { readonly host: Host; readonly direction: Direction; readonly packet: Packet }[];
  /** Nothing was wrong with this line since then, ms of the world. */
  calmSince: number;
}

/** What of the network a checker may look at. */
export interface NetWatch {
  sent(line: Line, tail: DownTail, payload: Buffer): void;
  delivered(line: Line, tail: DownTail, payload: Buffer): void;
  /** The gateway let somebody in under a device's name, who has this password. */
  loggedIn(id: string, password: string): void;
  /** An answer to a newcomer left the gateway. */
  given(clientId: string, answer: Buffer): void;
}

/** One ask of a device that is not enrolled. */
export interface Newcomer {
  readonly clientId: string;
  readonly ask: Buffer;
  answered(answer: Buffer): void;
}

/** The network of a world. */
export interface Net {
  plug(terminal: Terminal): Line;
  attach(options: BrokerOptions, host: Host): void;
  /** The gateway's process is gone; its kernel closes what it had open. */
  detach(): void;
  connect(line: Line): void;
  /** The device's end closes, so that the other hears of it if it can. */
  close(line: Line): void;
  /** The device is gone without a word. */
  vanish(line: Line): void;
  publish(line: Line, tail: UpTail, payload: Buffer): void;
  ping(line: Line): void;
  /** A device that is not enrolled asks, on a connection of its own. It may hear nothing. */
  newcomer(line: Line, asked: Newcomer): void;
  /** Lets go what a clog held. */
  release(line: Line): void;
}

const KEEPALIVE_MS = 15_000;
/** A stranger's connection lasts no longer (GUARD_LIMITS). */
const STRANGER_MS = 5000;
/** A copy may come as late as this: a broker that replays. */
const REPLAY_MS = 120_000;

/** A network without faults. `random`: the stream of the network. */
export function createNet(scheduler: Scheduler, random: Random, watch: NetWatch): Net {
  let gate: Endpoint | undefined;

  function delayOf({ slow, delayMs }: LinkMood): number {
    const usual = random.whole(1, 12);
    const late = random.next() < slow;
    return late && delayMs > 5 ? random.spread(5, delayMs) : usual;
  }

  /** Takes a packet to the other side, unless the cable is cut. */
  function carry(line: Line, direction: Direction, host: Host, packet: Packet): void {
    const { mood, last } = line;
    if (direction === 'up' ? mood.cutUp : mood.cutDown) return;
    if (mood.clogged) {
      line.held.push({ host, direction, packet });
      return;
    }
    const due = scheduler.now + delayOf(mood);
    const at = mood.reorder ? due : Math.max(due, last[direction]);
    if (!mood.reorder) last[direction] = at;
    scheduler.at(at, host, packet);
  }

  /** A message, which may be lost, come twice, or be played again much later. */
  function carryMessage(line: Line, direction: Direction, host: Host, packet: (again: boolean) => void): void {
    const { loss, copy, replay } = line.mood;
    const [lost, twice, again] = [random.next() < loss, random.next() < copy, random.next() < replay];
    if (!lost) carry(line, direction, host, () => packet(false));
    if (twice) carry(line, direction, host, () => packet(false));
    if (again) scheduler.after(random.whole(100, REPLAY_MS), host, () => packet(true));
  }

  function endAtGate(session: Session): void {
    if (!session.gateOpen) return;
    session.gateOpen = false;
    session.gate.options.left(session.connection);
  }

  function endAtDevice(session: Session): void {
    if (!session.deviceOpen) return;
    session.deviceOpen = false;
    const { line } = session;
    if (line.session !== session) return;
    line.session = undefined;
    line.terminal.disconnected();
  }

  function closeFromGate(session: Session): void {
    scheduler.after(0, session.gate.host, () => endAtGate(session));
    carry(session.line, 'down', session.line.terminal.host, () => endAtDevice(session));
  }

  function watchKeepalive(session: Session): void {
    if (!session.gateOpen) return;
    const due = session.heardAt + KEEPALIVE_MS;
    if (scheduler.now < due) {
      scheduler.at(due, session.gate.host, () => watchKeepalive(session));
      return;
    }
    session.gate.options.refused(session.connection.deviceId, 'keepalive-timeout');
    closeFromGate(session);
  }

  function heardAtGate(session: Session): void {
    session.heardAt = scheduler.now;
  }

  function newSession(line: Line, endpoint: Endpoint): Session {
    const { terminal } = line;
    const session: Session = {
      line,
      gate: endpoint,
      password: terminal.password,
      gateOpen: false,
      deviceOpen: true,
      heardAt: scheduler.now,
      pongAt: scheduler.now,
      connection: connectionOf(),
    };
    function connectionOf(): Connection {
      return {
        deviceId: terminal.id,
        site: terminal.site,
        send(tail, payload, sent) {
          if (sent !== undefined) scheduler.after(random.whole(0, 2), endpoint.host, sent);
          if (!session.gateOpen) return;
          watch.sent(line, tail, payload);
          carryMessage(line, 'down', terminal.host, (again) => {
            const target = again ? line.session : session;
            if (target === undefined || !target.deviceOpen || line.session !== target) return;
            watch.delivered(line, tail, payload);
            terminal.received(tail, payload);
          });
        },
        drop: () => closeFromGate(session),
      };
    }
    return session;
  }

  /** CONNECT reached the broker: as broker.ts, the new connection joins before the one it replaces ends. */
  function accept(session: Session): void {
    const { options } = session.gate;
    const { id } = session.line.terminal;
    const login = gate === session.gate ? options.login(id) : undefined;
    if (login === undefined || !passwordMatches(login.password ?? '', Buffer.from(session.password))) {
      if (gate === session.gate) options.refused(login === undefined ? '' : id, login === undefined ? 'unknown-device' : 'password');
      carry(session.line, 'down', session.line.terminal.host, () => endAtDevice(session));
      return;
    }
    const before = open.get(id);
    open.set(id, session);
    session.gateOpen = true;
    heardAtGate(session);
    watch.loggedIn(id, session.password);
    options.joined(session.connection);
    if (before !== undefined) closeFromGate(before);
    watchKeepalive(session);
    carry(session.line, 'down', session.line.terminal.host, () => {
      session.pongAt = scheduler.now;
      if (session.deviceOpen && session.line.session === session) session.line.terminal.connected();
    });
  }
  const open = new Map<string, Session>();

  return {
    plug: (terminal) => ({ terminal, mood: calm(), session: undefined, last: { up: 0, down: 0 }, held: [], calmSince: 0 }),
    attach(options, host) {
      gate = { options, host };
      open.clear();
    },
    detach() {
      gate = undefined;
      for (const session of open.values()) {
        session.gateOpen = false;
        carry(session.line, 'down', session.line.terminal.host, () => endAtDevice(session));
      }
      open.clear();
    },
    connect(line) {
      if (gate === undefined) {
        scheduler.after(1, line.terminal.host, () => line.terminal.disconnected());
        return;
      }
      const session = newSession(line, gate);
      line.session = session;
      carry(line, 'up', gate.host, () => accept(session));
    },
    close(line) {
      const { session } = line;
      line.session = undefined;
      if (session === undefined) return;
      session.deviceOpen = false;
      carry(line, 'up', session.gate.host, () => endAtGate(session));
    },
    vanish(line) {
      if (line.session !== undefined) line.session.deviceOpen = false;
      line.session = undefined;
    },
    publish(line, tail, payload) {
      const { session } = line;
      if (session === undefined) return;
      carryMessage(line, 'up', session.gate.host, (again) => {
        const target = again ? open.get(line.terminal.id) : session;
        if (target === undefined || gate !== target.gate) return;
        heardAtGate(target);
        void target.gate.options.message(target.connection, tail, payload);
      });
    },
    ping(line) {
      const { session } = line;
      if (session === undefined) return;
      carry(line, 'up', session.gate.host, () => {
        if (!session.gateOpen) return;
        heardAtGate(session);
        session.gate.options.heard(session.connection);
        carry(line, 'down', line.terminal.host, () => {
          session.pongAt = scheduler.now;
        });
      });
    },
    newcomer(line, { clientId, ask, answered }) {
      const mine = gate;
      if (mine === undefined) return;
      const begun = scheduler.now;
      let taken = false;
      carryMessage(line, 'up', mine.host, (again) => {
        // A later one is of a connection that is gone, and on one connection only the first counts.
        if (again || taken || gate !== mine || scheduler.now - begun > STRANGER_MS) return;
        taken = true;
        void mine.options.newcomer?.(clientId, ask).then((answer) => {
          if (answer === undefined) return;
          watch.given(clientId, answer);
          carryMessage(line, 'down', line.terminal.host, () => answered(answer));
        });
      });
    },
    release(line) {
      for (const { host, direction, packet } of line.held.splice(0)) carry(line, direction, host, packet);
    },
  };
}
