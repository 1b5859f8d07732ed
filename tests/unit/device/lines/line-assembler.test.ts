import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLineAssembler, LINE_MAX } from '../../../../src/device/lines/line-assembler.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function linesOf(chunks: readonly string[], options = {}): string[] {
  const assembler = createLineAssembler(options);
  return chunks.flatMap((chunk) => [...assembler.push(bytes(chunk)).lines]);
}

describe('line assembler', () => {
  it.each([
    [['a\nb\n'], ['a', 'b']],
    [['a\r\nb\r\n'], ['a', 'b']],
    [['a\rb\r'], ['a', 'b']],
    [
      ['a\r', '\nb\n'],
      ['a', 'b'],
    ],
    [['\r\n\n\ra\n\n'], ['a']],
    [['te', 'mp:', '2', '1\n'], ['temp:21']],
    [['a\nb'], ['a']],
    [
      ['a\nb', '', '\n'],
      ['a', 'b'],
    ],
    [[''], []],
  ])('%j gives %j', (chunks, lines) => {
    expect(linesOf(chunks)).toEqual(lines);
  });

  it('leaves out what stands before the first end of line where listening starts in the middle', () => {
    expect(linesOf(['5.1,2', '0\n15.1,20\n'], { startsMidLine: true })).toEqual(['15.1,20']);
    expect(linesOf(['\n1\n'], { startsMidLine: true })).toEqual(['1']);
  });

  it('counts a line that is too long once, and goes on with the next one', () => {
    const assembler = createLineAssembler({ maxLength: 8 });
    expect(assembler.push(bytes('12345678\n'))).toEqual({ lines: ['12345678'], problems: [] });
    const long = assembler.push(bytes('123456789'));
    expect(long).toMatchObject({ lines: [], problems: [{ code: 'decode-oversized' }] });
    expect(assembler.push(bytes('0123456789abcdef'))).toEqual({ lines: [], problems: [] });
    expect(assembler.push(bytes('\nok\n'))).toEqual({ lines: ['ok'], problems: [] });
    expect(assembler.push(bytes('x'.repeat(9)))).toMatchObject({ problems: [{ code: 'decode-oversized' }] });
  });

  it('holds no more than its limit, however long no line ends', () => {
    const assembler = createLineAssembler();
    const problems = Array.from({ length: 50 }, () => assembler.push(bytes('x'.repeat(LINE_MAX / 4))).problems.length);
    expect(problems.reduce((sum, count) => sum + count)).toBe(1);
  });

  it('puts letters together that were cut between two pieces', () => {
    const [first, second] = [bytes('é\n').subarray(0, 1), bytes('é\n').subarray(1)];
    const assembler = createLineAssembler();
    expect([...assembler.push(first).lines, ...assembler.push(second).lines]).toEqual(['é']);
  });

  it('gives the same lines however the stream is cut', () => {
    const line = fc.stringMatching(/^[ -~]{0,20}$/);
    const end = fc.constantFrom('\n', '\r\n', '\r');
    fc.assert(
      fc.property(fc.array(fc.tuple(line, end)), fc.array(fc.nat(30)), (parts, cuts) => {
        const stream = bytes(parts.map((part) => part.join('')).join(''));
        const assembler = createLineAssembler();
        const lines: string[] = [];
        let from = 0;
        for (const cut of [...cuts, stream.length]) {
          lines.push(...assembler.push(stream.subarray(from, from + cut)).lines);
          from += cut;
        }
        expect(lines).toEqual(parts.map(([text]) => text).filter((text) => text !== ''));
      }),
    );
  });
});
