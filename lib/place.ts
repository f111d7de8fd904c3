/** The channel or provider that roles, invitations and an audit log belong to. Both follow the same rules. */
export type Place = { kind: "channel"; id: string } | { kind: "provider"; id: string };

export type NamedPlace = Place & { name: string };
