"""What columns of each role tend to be called, most telling names first."""

from __future__ import annotations

import re

from wane.schema import Role

NAMES = {
    Role.ID: """
        prediction_id id request_id inference_id event_id transaction_id record_id row_id uuid
        guid sample_id""",
    Role.LABEL_TIME: """
        label_time label_timestamp label_ts label_date labelled_at labeled_at outcome_time
        outcome_at actual_time ground_truth_time feedback_time""",
    Role.TIMESTAMP: """
        timestamp event_timestamp event_time prediction_time prediction_timestamp predicted_at
        request_timestamp created_at logged_at occurred_at ts time datetime date_time date
        event_date prediction_date created""",
    Role.SCORE: """
        score y_pred_proba y_proba y_prob proba probability prob pred_proba pred_prob
        predict_proba prediction_proba prediction_probability predicted_probability
        predicted_proba prediction_score predicted_score y_score model_score risk_score confidence
        prediction_confidence""",
    Role.PREDICTION: """
        prediction predicted y_pred yhat y_hat pred predicted_class predicted_label
        predicted_value prediction_label prediction_value prediction_class model_prediction
        forecast""",
    Role.LABEL: """
        label y_true target actual ground_truth truth true_label true_class actual_label
        actual_class actual_value label_true observed outcome class y""",
    Role.LATENCY: """
        latency latency_ms latency_seconds latency_s latency_us response_time response_time_ms
        duration duration_ms duration_seconds elapsed elapsed_ms inference_time inference_time_ms
        processing_time processing_time_ms""",
    Role.ERROR: "error is_error has_error error_flag failed is_failed failure",
    Role.VERSION: "model_version version model_ver model_version_id",
    Role.WEIGHT: "sample_weight",
    Role.QUERY: "query_id query qid search_id list_id impression_id session_id",
    Role.ITEM: "item_id item doc_id document_id product_id",
    Role.RANK: "rank position pos",
    Role.RELEVANCE: "relevance rel relevance_label gain clicked click",
}
"""Role -> names as `plain_name` writes them."""
CLASS_SCORE_PREFIXES = (
    "y_pred_proba_",
    "prediction_proba_",
    "predict_proba_",
    "pred_proba_",
    "y_proba_",
    "probability_",
    "proba_",
    "prob_",
    "score_",
)
FLAGS = {Role.VERSION: "--version-column"}
SETTINGS = {Role.LABEL_TIME, Role.QUERY, Role.ITEM, Role.RANK, Role.RELEVANCE}
"""Roles that are named in wane.toml only."""
CAMEL_CASE = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
NOT_A_WORD = re.compile(r"[^a-z0-9]+")


def plain_name(name: str) -> str:
    """A column name in lower case with single underscores: "Predicted Class" -> predicted_class."""
    return NOT_A_WORD.sub("_", CAMEL_CASE.sub("_", name).lower()).strip("_")


def change_with(role: Role) -> str:
    """How the user names the column of a role."""
    if role in SETTINGS:
        return f"change with `{role.value}` in wane.toml"
    return f"change with {FLAGS.get(role, f'--{role.value}')}"
