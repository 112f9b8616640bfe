package routes;

import java.lang.reflect.Modifier;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.apache.camel.impl.engine.DefaultInjector;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.MainListener;
import org.apache.camel.main.MainListenerSupport;
import org.apache.camel.main.MainSupport;
import routes.settings.SettingException;

/**
 * What {@link EdgeRuntime} does around Camel, for {@code camel run}: camel-jbang compiles the
 * sources and makes this listener, which application-jbang.properties names, before it loads
 * routes.
 */
public final class CamelRun extends MainListenerSupport implements CamelContextAware {
  private final Startup startup = new Startup();
  private final GracefulStop stop = new GracefulStop();
  private CamelContext context;

  @Override
  public CamelContext getCamelContext() {
    return context;
  }

  /** Checks the settings: when there are sources, camel-jbang is past beforeConfigure. */
  @Override
  public void setCamelContext(CamelContext context) {
    this.context = context;
    EdgeRuntime.prepareProcess();
    context.setInjector(new PublicClassesInjector(context));
    try {
      Startup.prepare(context);
    } catch (SettingException e) {
      System.err.println("cloud-iot-routes: " + e.getMessage());
      System.exit(1);
    }
  }

  /** Here, since camel-jbang calls beforeStart after the start. */
  @Override
  public void afterConfigure(BaseMainSupport main) {
    startup.beforeStart(main);
    stop.beforeStart(main);
    stop.listen((MainSupport) main);
  }

  @Override
  public void beforeStop(BaseMainSupport main) {
    stop.beforeStop(main);
  }

  @Override
  public void afterStop(BaseMainSupport main) {
    stop.afterStop(main);
  }

  /**
   * camel-jbang makes one of every class that has a constructor without parameters, and ends where
   * it may not: none of those that aren't public, and no second listener.
   */
  private static final class PublicClassesInjector extends DefaultInjector {
    PublicClassesInjector(CamelContext context) {
      super(context);
    }

    @Override
    public <T> T newInstance(Class<T> type, boolean postProcess) {
      return Modifier.isPublic(type.getModifiers()) && !MainListener.class.isAssignableFrom(type)
          ? super.newInstance(type, postProcess)
          : null;
    }
  }
}
