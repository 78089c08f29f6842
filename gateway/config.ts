/** Settings of one gateway, read once at start. */
export interface Config {
  readonly host: string;
  readonly port: number;
  readonly mqttPort: number;
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
  readonly publicUrl: string | undefined;
  /** Absolute path of the data directory. */
  readonly data: string;
  /** True when nobody named a data directory: the demo building with its simulated doors. */
  readonly demo: boolean;
}
