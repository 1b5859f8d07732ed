/** Mistakes that the linter has to find. */
export async function later(): Promise<number> {
  return Promise.resolve(1);
}

export function all(value: { readonly a?: { readonly b: number } }): number {
  // planted: a promise nobody waits for
  later();
  try {
    // planted: console
    console.info('x');
    // planted: empty catch
  } catch {}
  // planted: non-null assertion
  return value.a!.b;
}

// planted: any
export function loose(value: any): boolean {
  // planted: loose equality
  return value == 1;
}

export function colour(light: 'red' | 'green'): string {
  // planted: a case is missing
  switch (light) {
    case 'red':
      return 'stop';
  }
  return 'go';
}
