/** The loader of MediaPipe's WebAssembly comes without types. Emscripten, "Module object" (`MODULARIZE`, ES module). */
declare module '@mediapipe/tasks-vision/vision_wasm_module_internal.js' {
  /** Makes one instance; resolves with its Module object. */
  export default function factory(module: object): Promise<object>;
}
