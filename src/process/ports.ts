// Ports that say nothing of a service: left to the kernel, or picked at random. Source: ip(7), net.ipv4.ip_local_port_range.

export const EPHEMERAL = 32_768;

export const isByChance = (port: number | undefined): boolean => port === undefined || port === 0 || port >= EPHEMERAL;
