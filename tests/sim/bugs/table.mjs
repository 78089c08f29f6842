/**
 * Bugs that are put into the product's own code, each for the checker that must find it within 500 seeds. `from` must be
 * in `file` exactly once: when the code has moved on, the bug is planted anew.
 * @typedef {{ readonly name: string, readonly checker: string, readonly file: string, readonly from: string, readonly to: string }} Bug
 */

/** @type {readonly Bug[]} */
export const BUGS = [
  // 1. no wrong grant
  {
    name: 'a revoked card still opens online',
    checker: 'grants',
    file: 'gateway/core/decide.ts',
    from: "if (credential.status === 'revoked') return 'REVOKED';",
    to: '',
  },
  {
    name: 'the door of a home opens for the whole house',
    checker: 'grants',
    file: 'gateway/core/decide.ts',
    from: 'door.unitId !== 0 && door.unitId !== occupancy.unitId',
    to: 'door.unitId !== 0 && occupancy.unitId === 0',
  },
  {
    name: 'a door ignores the end of a row',
    checker: 'grants',
    file: 'firmware-sim/local.ts',
    from: "if ((time ?? c.run.floor) >= end) return refuse('EXPIRED');",
    to: '',
  },
  {
    name: 'a door believes a row with an end without knowing the time',
    checker: 'grants',
    file: 'firmware-sim/local.ts',
    from: "if (end !== NEVER && time === undefined) return refuse('OFFLINE_NO_LIST');",
    to: '',
  },
  {
    name: 'an answer counts after the door has decided',
    checker: 'grants',
    file: 'firmware-sim/requests.ts',
    from: 'if (request === undefined || request.record.claim !== null) return;',
    to: 'if (request === undefined) return;',
  },
  {
    name: 'a command that comes twice is done twice',
    checker: 'grants',
    file: 'firmware-sim/commands.ts',
    from: 'if (before !== undefined) return acknowledge(before.st);',
    to: '',
  },
  {
    name: 'a list row opens every door of its controller',
    checker: 'grants',
    file: 'firmware-sim/local.ts',
    from: '(doors & (1 << (door - 1))) === 0',
    to: 'doors === 0',
  },
  // 2. no lost or doubled entry
  {
    name: 'an event is acknowledged before it is stored',
    checker: 'entries',
    file: 'gateway/doors/events.ts',
    from: '    await store(context, device, m);',
    to: '    store(context, device, m).catch(() => undefined);',
  },
  {
    name: 'an acknowledgement erases the oldest event, whichever it names',
    checker: 'entries',
    file: 'firmware-sim/events.ts',
    from: 'event.i === ack.i && event.b === ack.b && event.n === ack.n',
    to: 'event.i === ack.i',
  },
  {
    name: 'a repeat is stored as another entry',
    checker: 'entries',
    file: 'gateway/journal/log.ts',
    from: 'dedup: entry.key.length === 0 ? null : keys.dedup(entry.key),',
    to: 'dedup: null,',
  },
  {
    name: 'two entries of a batch are told the same index',
    checker: 'entries',
    file: 'gateway/journal/client.ts',
    from: 'index: index++',
    to: 'index',
  },
  {
    name: 'the flash is not flushed before the door goes on',
    checker: 'entries',
    file: 'firmware-sim/event-store.ts',
    from: '    fsyncSync(file);\n    end += bytes.length;',
    to: '    end += bytes.length;',
  },
  // 3. revocation is bounded
  {
    name: 'without a hint the register is not followed',
    checker: 'revocation',
    file: 'gateway/index-feed.ts',
    from: 'if (isBehind()) pull();',
    to: 'isBehind();',
  },
  {
    name: 'a list that was offered in vain is not offered again',
    checker: 'revocation',
    file: 'gateway/doors/mqtt.ts',
    from: '    remindOfList(context, device);\n',
    to: '',
  },
  {
    name: 'a list that could not be made is taken for made',
    checker: 'revocation',
    file: 'gateway/doors/lists.ts',
    from: "    device.listSource = '';\n    context.log.error",
    to: '    context.log.error',
  },
  {
    name: 'of the controllers with new lists only the first is served',
    checker: 'revocation',
    file: 'gateway/list-refresh.ts',
    from: 'const due = [...waiting];',
    to: 'const due = [...waiting].slice(0, 1);',
  },
  // 4. versions never go back
  {
    name: 'a door takes an older list',
    checker: 'versions',
    file: 'firmware-sim/lists.ts',
    from: '  if (order < 0) return;\n',
    to: '',
  },
  {
    name: 'the version of a list is cut to seven bits',
    checker: 'versions',
    file: 'gateway/list-refresh.ts',
    from: 'n: lastN() })',
    to: 'n: lastN() & 127 })',
  },
  {
    name: 'compacting the flash forgets the list',
    checker: 'versions',
    file: 'firmware-sim/event-store.ts',
    from: '...(image.list === undefined ? {} : { list: image.list })',
    to: '...{}',
  },
  // 5. the tree
  {
    name: 'a leaf is left out of the tree',
    checker: 'tree',
    file: 'gateway/journal/log.ts',
    from: '        tree.add(row.leafHash);',
    to: '        if (row.idx % 50 !== 49) tree.add(row.leafHash);',
  },
  {
    name: 'the tree keeps what a failed commit lost',
    checker: 'tree',
    file: 'gateway/journal/log.ts',
    from: '    tree.settled(false);\n',
    to: '    tree.settled(true);\n',
  },
  {
    name: 'a quiet log signs no checkpoint',
    checker: 'tree',
    file: 'gateway/journal/commit.ts',
    from: '  log.signIfDue();\n',
    to: '',
  },
  // 6. lists equal after healing
  {
    name: 'a card with two ends has one row',
    checker: 'healed',
    file: 'gateway/doors/access-list.ts',
    from: 'seen.set(row.join(), row);',
    to: 'seen.set(row[0], row);',
  },
  {
    name: 'other open times are no reason to make a list anew',
    checker: 'healed',
    file: 'gateway/doors/lists.ts',
    from: 'device.list.epoch && sameTimes)',
    to: 'device.list.epoch)',
  },
  {
    name: 'a list of as many rows is taken for the same',
    checker: 'healed',
    file: 'gateway/doors/lists.ts',
    from: 'built.digest === device.list?.digest',
    to: 'built.count === device.list?.count',
  },
  // 7. queues are bounded
  {
    name: 'requests that are over are still counted',
    checker: 'queues',
    file: 'gateway/doors/requests.ts',
    from: '    device.requests -= 1;\n',
    to: '',
  },
  {
    name: 'decisions are kept for ever',
    checker: 'queues',
    file: 'gateway/doors/requests.ts',
    from: 'return verdict.finally(() => device.deciding.delete(key));',
    to: 'return verdict;',
  },
  {
    name: 'a full flash takes more',
    checker: 'queues',
    file: 'firmware-sim/events.ts',
    from: '>= c.config.queueMax',
    to: '>= c.config.queueMax * 2',
  },
  // 8. every opening has its entry
  {
    name: 'a grant that could not be stored is sent',
    checker: 'openings',
    file: 'gateway/unlock.ts',
    from: "return verdictOf(refusal('UNAVAILABLE'), 0);",
    to: 'return verdictOf(decision, 0);',
  },
  {
    name: 'an order is sent although it could not be written down',
    checker: 'openings',
    file: 'gateway/door-side.ts',
    from: 'await parts.journal.append(commandEntry(wanted, parts.now()));',
    to: 'await parts.journal.append(commandEntry(wanted, parts.now())).catch(() => ({ index: 0 }));',
  },
  {
    name: 'somebody is shown while the note is on its way',
    checker: 'openings',
    file: 'gateway/http/disclosure/looks.ts',
    from: '      await writeAll(viewer, look, fresh);',
    to: '      void writeAll(viewer, look, fresh).catch(() => undefined);',
  },
  // 9. the fire input opens
  {
    name: 'a lock closes when its time is over, fire or not',
    checker: 'fire',
    file: 'firmware-sim/lock.ts',
    from: "if (!c.world.fire) c.out.push({ t: 'relock', door });",
    to: "c.out.push({ t: 'relock', door });",
  },
  {
    name: 'a door that starts does not look at its fire input',
    checker: 'fire',
    file: 'firmware-sim/door.ts',
    from: "c.out.push(world.fire ? { t: 'pulse'",
    to: "c.out.push(lock === undefined ? { t: 'pulse'",
  },
  {
    name: 'the exit button needs a connection',
    checker: 'fire',
    file: 'firmware-sim/supervise.ts',
    from: "  release(c, door, openMsOf(c, door), { by: 'exit' });",
    to: "  if (c.run.connected) release(c, door, openMsOf(c, door), { by: 'exit' });",
  },
  // 10. no starvation
  {
    name: 'a missed budget wakes nobody',
    checker: 'starvation',
    file: 'firmware-sim/door.ts',
    from: 'Math.min(repeatAt, budgetAt)',
    to: 'repeatAt',
  },
  {
    name: 'an event that was not acknowledged wakes nobody',
    checker: 'starvation',
    file: 'firmware-sim/door.ts',
    from: 'Math.min(run.stateDue, ...run.sent.values())',
    to: 'run.stateDue',
  },
  {
    name: 'devices are looked through once',
    checker: 'starvation',
    file: 'gateway/doors/mqtt.ts',
    from: 'const sweeping = setInterval(',
    to: 'const sweeping = setTimeout(',
  },
  {
    name: 'the register is looked at once',
    checker: 'starvation',
    file: 'gateway/index-feed.ts',
    from: 'const poll = setInterval(',
    to: 'const poll = setTimeout(',
  },
  {
    name: 'a list that did not come is not asked for again',
    checker: 'starvation',
    file: 'firmware-sim/lists.ts',
    from: 'fetch !== undefined && fetch.retryAt <= u',
    to: 'fetch !== undefined && fetch.retryMs === 0 && fetch.retryAt <= u',
  },
];
