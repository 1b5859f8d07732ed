/** Mistakes that the window's type check has to find. */
export const list: readonly number[] = [1];

export const first: number = list[0]; // planted: an index may be absent (noUncheckedIndexedAccess)
export const name: { readonly a?: string } = { a: undefined }; // planted: exactOptionalPropertyTypes
export const home = process.cwd(); // planted: no Node on a page
