// Made from `wit/`; `make accept` writes it.

export const KEYS = {
  "host-id": ["host_id"],
  "host": ["host_id"],
  "finding": ["host_id", "finding_key"],
  "inventory": ["host_id", "source"],
  "vulnerability": ["qid"],
  "asset-group": ["id"],
  "tag": ["tag_id"],
  "web-app": ["web_app_id"],
  "web-app-finding": ["finding_key"],
  "cve-score": ["cve"],
};
