"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.named = void 0;
var __exportStar = (this && this.__exportStar) || function (from, to) {
    for (var name in from) if (name !== "default") to[name] = from[name];
};
__exportStar(require("./assigns.cjs"), exports);
exports.named = 'named';
exports.default = 'its own default';
