// node:tty tells terminals from other descriptors.
import { isatty } from 'node:tty';
import tty from 'tty';
console.log(tty.isatty === isatty, isatty(0), isatty(1), isatty(-1), isatty(1e10), isatty('1'), isatty());
