/**
 * Small neural networks as TensorFlow Lite files: each method adds an operator and returns the tensor it makes; `file` writes
 * the whole. Operators are those that MediaPipe's CPU and WebGL runtimes both compute, in the form both accept: nothing is
 * broadcast over an axis. Sources: tensorflow/lite/schema/schema.fbs (version 3) for tables, slots and numbers, and
 * tflite metadata_schema.fbs for what MediaPipe has to know of a picture.
 */
import {
  bytes,
  flatbuffer,
  floatBytes,
  float32s,
  i32,
  i8,
  int32s,
  intBytes,
  nodes,
  table,
  text,
  u32,
  u8,
  type Node,
} from './flatbuffer.ts';

/** Number of each operator, and of its options in the union of options (none for `LOGISTIC`). */
const OPERATORS = {
  AVERAGE_POOL_2D: [1, 5],
  CONCATENATION: [2, 10],
  CONV_2D: [3, 1],
  FULLY_CONNECTED: [9, 8],
  LOGISTIC: [14, 0],
  RESHAPE: [22, 17],
  MEAN: [40, 27],
  DIV: [42, 29],
} as const;
type OperatorName = keyof typeof OPERATORS;

const FLOAT32 = 0;
const INT32 = 2;
const VALID_PADDING = 1;
const RELU = 1;
const SCHEMA_VERSION = 3;

/** A value in a network: the shape has the batch of 1 first, pictures are [1, height, width, channels]. */
export interface Tensor {
  readonly index: number;
  readonly shape: readonly number[];
}

/** Weights of a layer: `at(output, input)`. */
export interface Layer {
  readonly outputs: number;
  readonly weight: (output: number, input: number) => number;
  readonly bias: (output: number) => number;
  /** Results below 0 become 0. */
  readonly relu?: boolean;
}

export class Network {
  readonly #name: string;
  readonly #operatorCodes: OperatorName[] = [];
  readonly #operators: Node[] = [];
  readonly #tensors: Node[] = [];
  readonly #buffers: Node[] = [table({})];
  readonly #inputs: number[] = [];

  constructor(name: string) {
    this.#name = name;
  }

  input(shape: readonly number[]): Tensor {
    const tensor = this.#tensor('input', shape);
    this.#inputs.push(tensor.index);
    return tensor;
  }

  /** Every input counts for every output: [1, inputs] → [1, outputs]. */
  fullyConnected(x: Tensor, layer: Layer): Tensor {
    const [weights, bias] = this.#layer(layer, elements(x.shape), (outputs, inputs) => [outputs, inputs]);
    const options = { 0: i8(layer.relu ? RELU : 0) };
    return this.#operator('FULLY_CONNECTED', [x, weights, bias], [1, layer.outputs], options);
  }

  /** The same layer over the channels of every pixel: [1, h, w, inputs] → [1, h, w, outputs]. */
  perPixel(x: Tensor, layer: Layer): Tensor {
    const [weights, bias] = this.#layer(layer, x.shape[3] ?? 0, (outputs, inputs) => [outputs, 1, 1, inputs]);
    // Padding, strides, activation, dilations.
    const options = { 0: i8(VALID_PADDING), 1: i32(1), 2: i32(1), 3: i8(layer.relu ? RELU : 0), 4: i32(1), 5: i32(1) };
    return this.#operator('CONV_2D', [x, weights, bias], [...x.shape.slice(0, 3), layer.outputs], options);
  }

  /** Mean over axes of a picture (1 height, 2 width), which stay with length 1. */
  mean(x: Tensor, axes: readonly (1 | 2)[]): Tensor {
    const shape = x.shape.map((size, axis) => (axes.some((one) => one === axis) ? 1 : size));
    return this.#operator('MEAN', [x, this.#integers('axes', axes)], shape, { 0: u8(1) });
  }

  /** Means of `size` × `size` pixels. */
  shrink(x: Tensor, size: number): Tensor {
    const [, height = 0, width = 0, channels = 0] = x.shape;
    // Padding, strides, size of the filter, activation.
    const options = { 0: i8(VALID_PADDING), 1: i32(size), 2: i32(size), 3: i32(size), 4: i32(size), 5: i8(0) };
    return this.#operator('AVERAGE_POOL_2D', [x], [1, height / size, width / size, channels], options);
  }

  reshape(x: Tensor, shape: readonly number[]): Tensor {
    return this.#operator('RESHAPE', [x, this.#integers('shape', shape)], shape, { 0: int32s(shape) });
  }

  /** Rows one after another: [1, a], [1, b] → [1, a + b]. */
  joined(rows: readonly Tensor[]): Tensor {
    const length = rows.reduce((sum, { shape }) => sum + elements(shape), 0);
    return this.#operator('CONCATENATION', rows, [1, length], { 0: i32(1), 1: i8(0) });
  }

  /** Element by element; both of the same shape. */
  divided(x: Tensor, y: Tensor): Tensor {
    return this.#operator('DIV', [x, y], x.shape, { 0: i8(0) });
  }

  logistic(x: Tensor): Tensor {
    return this.#operator('LOGISTIC', [x], x.shape);
  }

  /**
   * The file. @param outputs in the order in which MediaPipe takes them
   * @param picture the input is a picture with values 0–1, which MediaPipe refuses to guess
   */
  file(outputs: readonly Tensor[], picture: boolean): Uint8Array {
    const subgraph = table({
      0: nodes(this.#tensors),
      1: int32s(this.#inputs),
      2: int32s(outputs.map(({ index }) => index)),
      3: nodes(this.#operators),
      4: text('main'),
    });
    const metadata = table({ 0: text('TFLITE_METADATA'), 1: u32(this.#buffers.length) });
    const buffers = picture ? [...this.#buffers, buffer(pictureMetadata(this.#name, outputs.length))] : this.#buffers;
    const model = table({
      0: u32(SCHEMA_VERSION),
      1: nodes(this.#operatorCodes.map(operatorCode)),
      2: nodes([subgraph]),
      3: text(this.#name),
      4: nodes(buffers),
      6: picture ? nodes([metadata]) : undefined,
    });
    return flatbuffer(model, 'TFL3');
  }

  #operator(
    name: OperatorName,
    inputs: readonly Tensor[],
    shape: readonly number[],
    options?: Parameters<typeof table>[0],
  ) {
    const output = this.#tensor(name.toLowerCase(), shape);
    if (!this.#operatorCodes.includes(name)) this.#operatorCodes.push(name);
    this.#operators.push(
      table({
        0: u32(this.#operatorCodes.indexOf(name)),
        1: int32s(inputs.map(({ index }) => index)),
        2: int32s([output.index]),
        3: options && u8(OPERATORS[name][1]),
        4: options && table(options),
      }),
    );
    return output;
  }

  #layer(
    { outputs, weight, bias }: Layer,
    inputs: number,
    shape: (outputs: number, inputs: number) => readonly number[],
  ): [Tensor, Tensor] {
    const values = Float32Array.from({ length: outputs * inputs }, (_, i) =>
      weight(Math.floor(i / inputs), i % inputs),
    );
    const biases = Float32Array.from({ length: outputs }, (_, i) => bias(i));
    return [
      this.#constant('weights', shape(outputs, inputs), FLOAT32, floatBytes(values)),
      this.#constant('bias', [outputs], FLOAT32, floatBytes(biases)),
    ];
  }

  #integers(name: string, values: readonly number[]): Tensor {
    return this.#constant(name, [values.length], INT32, intBytes(values));
  }

  #constant(name: string, shape: readonly number[], type: number, content: Uint8Array): Tensor {
    this.#buffers.push(buffer(content));
    return this.#tensor(name, shape, type, this.#buffers.length - 1);
  }

  /** @param from buffer that holds its value; the empty buffer 0 for what is computed */
  #tensor(name: string, shape: readonly number[], type = FLOAT32, from = 0): Tensor {
    const index = this.#tensors.length;
    this.#tensors.push(table({ 0: int32s(shape), 1: i8(type), 2: u32(from), 3: text(`${name}_${index}`) }));
    return { index, shape };
  }
}

const elements = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

/** Data of a buffer start at a multiple of 16: they are used where they lie. */
const buffer = (content: Uint8Array): Node => table({ 0: bytes(content, 16) });

/** The number stands twice: in the old slot of 8 bits and in the one that replaced it. */
function operatorCode(name: OperatorName): Node {
  const [code] = OPERATORS[name];
  return table({ 0: i8(code), 2: i32(1), 3: i32(code) });
}

/** The input is an RGB picture whose 0–255 reach the network as 0–1. */
function pictureMetadata(name: string, outputs: number): Uint8Array {
  const RGB = 1;
  const IMAGE_PROPERTIES = 2;
  const NORMALIZATION = 1;
  const content = table({ 0: u8(IMAGE_PROPERTIES), 1: table({ 0: i8(RGB) }) });
  const normalization = table({ 0: float32s([0]), 1: float32s([255]) });
  const input = table({
    0: text('image'),
    3: content,
    4: nodes([table({ 0: u8(NORMALIZATION), 1: normalization })]),
  });
  const subgraph = table({
    2: nodes([input]),
    3: nodes(Array.from({ length: outputs }, (_, index) => table({ 0: text(`output_${index}`) }))),
  });
  return flatbuffer(table({ 0: text(name), 3: nodes([subgraph]), 7: text('1.0.0') }), 'M001');
}
