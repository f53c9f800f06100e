/* x */ import def from './good.mjs'
