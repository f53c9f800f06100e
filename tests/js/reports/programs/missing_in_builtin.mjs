// import { nothing } from
import fs, { readFileSync,
  nothing as other } from 'node:fs';
