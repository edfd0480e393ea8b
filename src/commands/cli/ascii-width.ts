// Takes the place of the package string-width within yargs (bundle.js): the help that it lays out in columns is one column a character.

export default (text: string): number => text.length;
