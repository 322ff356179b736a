// The two ports of a pump's node. The journal has to give them these indices.

/** Of the device. */
export const DEVICE_PORT = 0;
/** Of the tunnel. */
export const TUNNEL_PORT = 1;
