// Where the files of this package are, for whoever reads one of them while it runs. This module lies two directories below the package
// whichever way it is loaded: as build/src/package-files.js, or within build/bundle/*.cjs.

const ROOT = new URL('../../', import.meta.url);

/** The file of this path, as seen from the package. */
export const packageFile = (path: string): URL => new URL(path, ROOT);
