// Write the tournament's results as a page of its own: tables and static SVG, nothing from a network.
//
//   millrace run bench/report/report.mjs RESULTS.jsonl PAGE.html [NOTE]
//
// NOTE is shown below the title: the commit, the versions of the peers.
import { readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';

const [, , source, target, note = ''] = process.argv;
if (!target) {
    console.error('usage: report.mjs RESULTS.jsonl PAGE.html [NOTE]');
    process.exit(2);
}
const rows = readFileSync(source, 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line));

const escape = (text) => String(text).replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
const number = (value) => value === null ? '' : Number(value.toPrecision(3)).toLocaleString('en');
const isOurs = (row) => row.contestant.startsWith('millrace');
const isFloor = (row) => row.contestant.startsWith('floor');

function groupBy(items, key) {
    const groups = new Map();
    for (const item of items) {
        const name = key(item);
        if (!groups.has(name))
            groups.set(name, []);
        groups.get(name).push(item);
    }
    return groups;
}

const colour = (row) => isOurs(row) ? '#0b6' : isFloor(row) ? '#bbb' : '#69c';

// A bar for each contestant, as long as its median.
function bars(ofWorkload) {
    const longest = Math.max(...ofWorkload.map((row) => row.ns_per_op)), width = 420, high = 18;
    const lines = ofWorkload.map((row, i) => {
        const length = Math.max(1, row.ns_per_op / longest * width), y = i * high;
        return `<text x="138" y="${y + 13}" text-anchor="end">${escape(row.contestant)}</text>` +
            `<rect x="144" y="${y + 2}" width="${length.toFixed(1)}" height="${high - 4}" fill="${colour(row)}"/>` +
            `<text x="${(150 + length).toFixed(1)}" y="${y + 13}">${number(row.ns_per_op)} ns</text>`;
    });
    return `<svg width="700" height="${ofWorkload.length * high}" role="img">${lines.join('')}</svg>`;
}

const best = (among) => among.reduce((a, b) => b.ns_per_op < a.ns_per_op ? b : a, among[0]);
const ratio = (row, to) => to === undefined ? '' : (row.ns_per_op / to.ns_per_op).toFixed(2);

function table(ofWorkload) {
    const floor = best(ofWorkload.filter(isFloor));
    const peer = best(ofWorkload.filter((row) => !isFloor(row) && !isOurs(row)));
    const lines = ofWorkload.map((row) => `<tr><td>${escape(row.contestant)}<td>${number(row.ns_per_op)}` +
        `<td>${(row.spread * 100).toFixed(0)} %<td>${ratio(row, peer)}<td>${ratio(row, floor)}` +
        `<td>${number(row.syscalls_per_op)}<td>${number(row.rss_kb)}`);
    return '<details><summary>numbers</summary><table><tr><th>contestant<th>ns/op<th>spread<th>to best peer' +
        `<th>to floor<th>syscalls/op<th>KiB${lines.join('')}</table></details>`;
}

// Cost against size, both logarithmic; a line for each contestant.
function curve(kind, points) {
    const width = 460, height = 240, left = 60, bottom = 30;
    const sizes = points.map((p) => p.size), costs = points.map((p) => p.row.ns_per_op);
    const [x0, x1] = [Math.log10(Math.min(...sizes)), Math.log10(Math.max(...sizes))];
    const y0 = Math.floor(Math.log10(Math.min(...costs))), y1 = Math.ceil(Math.log10(Math.max(...costs)));
    const x = (size) => left + (Math.log10(size) - x0) / (x1 - x0 || 1) * width;
    const y = (cost) => 10 + (1 - (Math.log10(cost) - y0) / (y1 - y0 || 1)) * height;
    const parts = [], names = [];
    for (let power = y0; power <= y1; power++)
        parts.push(`<path d="M${left} ${y(10 ** power)}h${width}" stroke="#ddd"/>` +
            `<text x="${left - 6}" y="${y(10 ** power) + 4}" text-anchor="end">${number(10 ** power)}</text>`);
    for (const size of new Set(sizes))
        parts.push(`<text x="${x(size)}" y="${height + bottom}" text-anchor="middle">${number(size)}</text>`);
    for (const [name, ofOne] of groupBy(points, (p) => p.row.contestant)) {
        ofOne.sort((a, b) => a.size - b.size);
        const path = ofOne.map((p) => `${x(p.size).toFixed(1)} ${y(p.row.ns_per_op).toFixed(1)}`).join('L');
        const last = ofOne.at(-1);
        parts.push(`<path d="M${path}" fill="none" stroke="${colour(last.row)}" stroke-width="2"/>`);
        names.push({ name, x: x(last.size) + 6, y: y(last.row.ns_per_op) + 4 });
    }
    // From the top down, each below the one before.
    let free = 0;
    for (const label of names.sort((a, b) => a.y - b.y)) {
        label.y = Math.max(label.y, free);
        free = label.y + 13;
        parts.push(`<text x="${label.x}" y="${label.y}">${escape(label.name)}</text>`);
    }
    return `<h3>${escape(kind)}</h3><svg width="${left + width + 120}" height="${height + bottom + 10}" role="img">` +
        `${parts.join('')}</svg>`;
}

function scaleSection(scaled) {
    const kinds = new Map();
    for (const row of scaled) {
        const [, kind, size, suffix] = /^scale_([a-z]+)_(\d+)(\w*)$/.exec(row.workload);
        const name = suffix === '_bytes' ? `${kind}: bytes each` : `${kind}: ns an operation`;
        if (!kinds.has(name))
            kinds.set(name, []);
        kinds.get(name).push({ size: Number(size), row });
    }
    return [...kinds].map(([name, points]) => curve(name, points)).join('');
}

const isScale = (row) => row.workload.startsWith('scale_');
const workloads = groupBy(rows.filter((row) => !isScale(row) && row.ns_per_op !== null), (row) => row.workload);
const sections = [...workloads].map(([name, of]) => `<h3>${escape(name)}</h3>${bars(of)}${table(of)}`);
const scaled = rows.filter(isScale);

writeFileSync(target, `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Millrace: the tournament</title>
<style>
body { font: 14px sans-serif; margin: 2em auto; max-width: 50em; color: #222 }
svg text { font: 12px sans-serif }
table { border-collapse: collapse } td, th { padding: 2px 8px; text-align: right }
td:first-child, th:first-child { text-align: left }
</style>
<h1>The tournament</h1>
<p>${escape(note)}<br>${escape(`${os.cpus()[0]?.model ?? 'unknown processor'}, ${os.cpus().length} processors, ` +
    `${os.type()} ${os.release()}, ${os.arch()}`)}</p>
<p>Medians in ns an operation; green is Millrace, grey a floor: what the bare structure or the bare system calls
take. Which workload counts what is said in bench/rules and bench/js.</p>
${sections.join('\n')}
${scaled.length > 0 ? `<h2>Cost against size</h2>${scaleSection(scaled)}` : ''}
</html>
`);
