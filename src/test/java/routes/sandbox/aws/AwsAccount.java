package routes.sandbox.aws;

import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import routes.sandbox.Arrived;
import routes.sandbox.Connect;
import routes.sandbox.SandboxBroker;

/** What the endpoints of an account share: certificates, rules and shadows. */
final class AwsAccount {
  private final Map<X509Certificate, AwsCertificate> certificates = new ConcurrentHashMap<>();
  private final List<TopicRule> rules = new CopyOnWriteArrayList<>();
  private final Map<String, ThingShadow> shadows = new ConcurrentHashMap<>();
  private final List<SandboxBroker> endpoints = new CopyOnWriteArrayList<>();

  void add(SandboxBroker endpoint) {
    endpoints.add(endpoint);
  }

  void add(TopicRule rule) {
    rules.add(rule);
  }

  void register(X509Certificate certificate, AwsCertificate known) {
    certificates.put(certificate, known);
  }

  /**
   * @param name null for the classic shadow
   */
  ThingShadow shadow(String thing, String name) {
    return shadows.computeIfAbsent(name == null ? thing : thing + "~" + name, ThingShadow::new);
  }

  /** Whether the client's certificate is registered and its policy allows this. */
  boolean may(Connect client, String action, String resource) {
    return client
        .certificate()
        .map(certificates::get)
        .map(known -> known.may(action, resource, client.clientId()))
        .orElse(false);
  }

  boolean connected(String clientId) {
    return endpoints.stream().anyMatch(endpoint -> endpoint.clients().contains(clientId));
  }

  /** A new connection of a client id ends the older ones at every endpoint. */
  void takeOver(SandboxBroker newest, String clientId) {
    for (SandboxBroker endpoint : endpoints) {
      if (endpoint != newest) {
        endpoint.kick(clientId, SandboxBroker.SESSION_TAKEN_OVER);
      }
    }
  }

  /** Basic Ingest: sends to the one rule and to no subscriber. */
  void ingest(String ruleName, String topic, Arrived message) {
    for (TopicRule rule : rules) {
      if (rule.name().equals(ruleName)) {
        rule.run(topic, message.clientId(), message.payload());
      }
    }
  }

  /** Sends to the rules that select its topic, and to subscribers. */
  void publish(Arrived message) {
    for (TopicRule rule : rules) {
      if (rule.selects(message.topic())) {
        rule.run(message.topic(), message.clientId(), message.payload());
      }
    }
    endpoints.forEach(endpoint -> endpoint.publish(message));
  }
}
