// rxjs: the lines of all Markdown files through observables that hand over in microtasks
// (asapScheduler, promises) and in timers (asyncScheduler): what comes out, in which order.
import process from 'node:process';
import {
    asapScheduler, asyncScheduler, concat, defer, from, lastValueFrom, merge, observeOn, of, timer,
} from 'rxjs';
import {
    bufferCount, catchError, concatMap, count, delay, filter, finalize, groupBy, map, mergeMap,
    reduce, scan, share, take, tap, toArray, zipWith,
} from 'rxjs/operators';
import { gather } from './gather.mjs';

const documents = await gather(/\.md$/);
const lines = from(documents).pipe(
    mergeMap(({ name, text }) => from(text.split('\n')).pipe(
        map((line, number) => ({ name: name.split('/')[1], line, number })))));

// Every line, in batches that take turns with timers and with promises.
const batches = lines.pipe(
    bufferCount(250),
    concatMap((batch, i) => (i % 2 === 0 ? of(batch).pipe(delay(0)) : Promise.resolve(batch))),
    share());
const text = batches.pipe(
    tap((batch) => process.stdout.write(batch.map(({ line }) => `${line}\n`).join(''))), count());
const sizes = batches.pipe(
    map((batch) => batch.reduce((sum, { line }) => sum + line.length, 0)),
    scan((sum, size) => sum + size, 0),
    toArray());
console.log(await lastValueFrom(merge(text, sizes).pipe(toArray())));

// By package: how many lines, how many headings.
const packages = lines.pipe(
    groupBy(({ name }) => name),
    mergeMap((group) => group.pipe(
        bufferCount(100),
        observeOn(asapScheduler),
        reduce((sums, batch) => ({
            lines: sums.lines + batch.length,
            headings: sums.headings + batch.filter(({ line }) => line.startsWith('#')).length,
        }), { lines: 0, headings: 0 }),
        map((sums) => [group.key, sums]))),
    toArray(),
    map(Object.fromEntries));
console.log(await lastValueFrom(packages));

// Who comes first.
const order = [];
const note = (name, source) => source.pipe(tap((value) => order.push(`${name} ${value}`)));
await lastValueFrom(concat(
    merge(
        note('async', of(1, 2, 3).pipe(observeOn(asyncScheduler))),
        note('asap', of(1, 2, 3).pipe(observeOn(asapScheduler))),
        note('timer', timer(0, 1).pipe(take(3))),
        note('promise', defer(() => Promise.resolve(4))),
        note('sync', of(5, 6)),
        note('zip', from('ab').pipe(zipWith(of(1, 2)), map((pair) => pair.join('='))))),
    defer(() => Promise.reject(new RangeError('on purpose'))).pipe(
        catchError((error) => of(String(error))),
        filter((message) => order.push(message) > 0),
        finalize(() => order.push('final')))));
console.log(order.filter((entry) => !/^(async|timer)/.test(entry)));
