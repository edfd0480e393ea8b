// A unit in the words of a command line that is proposed to the user.

/** `nginx.service`, or `own.service --user` for a unit of the user's own service manager. */
export const operand = (unit: string, user: boolean): string => (user ? `${unit} --user` : unit);
