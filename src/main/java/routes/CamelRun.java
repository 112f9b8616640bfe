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
import routes.settings.Settings;

/**
 * Starts and stops the runtime under {@code camel run}, like {@link EdgeRuntime} does otherwise.
 * camel-jbang compiles the sources and creates this listener, named in
 * application-jbang.properties, before it loads routes.
 */
public final class CamelRun extends MainListenerSupport implements CamelContextAware {
  private final Startup startup = new Startup();
  private final GracefulStop stop = new GracefulStop();
  private CamelContext context;

  @Override
  public CamelContext getCamelContext() {
    return context;
  }

  /** Checks the settings here, because camel-jbang has passed beforeConfigure by now. */
  @Override
  public void setCamelContext(CamelContext context) {
    this.context = context;
    EdgeRuntime.prepareProcess();
    context.setInjector(new PublicClassesInjector(context));
    try {
      Startup.prepare(context);
    } catch (SettingException e) {
      System.err.println("cloud-iot-routes: " + new Settings(context).describe(e));
      System.exit(1);
    }
  }

  /** Used instead of beforeStart, which camel-jbang calls after the start. */
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
   * camel-jbang instantiates every class that has a constructor without parameters, and fails if
   * that is not permitted. This injector skips classes that are not public, and listeners.
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
