//! I1: figures and verdicts.

use serde_json::json;

use super::*;

fn totals() -> HealthTotals {
    HealthTotals {
        pages_connected: 2,
        pages_needing_login: 0,
        pages_stale: 0,
        oldest_sync_at: None,
        tokens_expiring: 0,
        tokens_invalid: 0,
        conversations: 150,
        contacts: 150,
        messages: 3_000,
        runs_active: 0,
        runs_failed_today: 0,
        outbox_waiting: 0,
        spool_waiting: 0,
        quarantined: 0,
    }
}

#[test]
fn all_well_is_healthy_and_looks_as_documented() {
    let health = judge(Some(&totals()), true, DateTime::UNIX_EPOCH);
    let json = serde_json::to_value(&health).unwrap();
    assert_eq!(json["status"], "healthy");
    assert_eq!(json["checks"]["database"], json!({"status": "ok"}));
    assert_eq!(json["checks"]["facebookPages"], json!({"status": "ok", "count": 2}));
    assert_eq!(json["checks"]["tokenExpiration"], json!({"status": "ok", "expiring": 0}));
    assert_eq!(json["checks"]["conversations"], json!({"status": "ok", "count": 150}));
    assert_eq!(json["checks"]["sync"], json!({"status": "ok", "stale": 0}));
}

#[test]
fn any_warning_is_degraded() {
    let warnings = [
        HealthTotals { tokens_expiring: 1, ..totals() },
        HealthTotals { pages_stale: 1, ..totals() },
        HealthTotals { pages_needing_login: 1, ..totals() },
    ];
    for totals in warnings {
        assert_eq!(judge(Some(&totals), true, DateTime::UNIX_EPOCH).status, SystemStatus::Degraded, "{totals:?}");
    }
}

#[test]
fn a_lost_database_or_broker_is_unhealthy() {
    let without_database = judge(None, true, DateTime::UNIX_EPOCH);
    assert_eq!(without_database.status, SystemStatus::Unhealthy);
    assert_eq!(without_database.checks.database.status, CheckStatus::Error);
    let without_broker = judge(Some(&totals()), false, DateTime::UNIX_EPOCH);
    assert_eq!(without_broker.status, SystemStatus::Unhealthy);
    assert_eq!(without_broker.checks.broker.status, CheckStatus::Error);
}
