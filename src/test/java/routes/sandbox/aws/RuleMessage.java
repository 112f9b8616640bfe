package routes.sandbox.aws;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * The parts of a message that a rule sees.
 *
 * @param topic without the prefix of Basic Ingest
 * @param timestamp when it arrived, in milliseconds since 1970
 */
record RuleMessage(String topic, String clientId, long timestamp, ObjectNode payload) {}
