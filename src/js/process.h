/* The parts of `process` that have files of their own. */
#ifndef MR_JS_PROCESS_H
#define MR_JS_PROCESS_H

#include "js/runtime.h"

/* process_env.c: a new process.env, filled from the environment when first looked at. */
JSValue mr__js_new_env(mr_js *js);

/* stdin.c: readStdin(callback) calls callback(error, bytes) once, bytes null at the end;
 * stopStdin() takes the request back. */
JSValue mr__js_stdin_read(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv);
JSValue mr__js_stdin_cancel(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv);

/* decoder.c: newDecoder(encoding) is a function (bytes, last) that decodes a stream piece by piece,
 * or undefined; encodingName(name) is the name that Node.js shows for it. */
JSValue mr__js_new_decoder(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv);
JSValue mr__js_encoding_name(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv);

/* Give text to the function that a script put in the place of process.stdout.write or stderr.write; what
 * that throws is dropped, as Node.js does. 1 there is one, 0 there is none, -1 the run is ending. */
int mr__js_write_as_script(mr_js *js, int stream, const char *data, size_t len);

/* Bytes to the host's sink as they are. */
void mr__js_write_raw(mr_js *js, int stream, const char *data, size_t len);

/* exception.c: the end of the runtime, when 'exit' needs no emitting any more. */
void mr__js_end(mr_js *js);

#endif
