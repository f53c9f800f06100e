#!/usr/bin/env node
exports.name = "hashbang";