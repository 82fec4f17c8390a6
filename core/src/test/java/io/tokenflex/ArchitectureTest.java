package io.tokenflex;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import ai.djl.pytorch.jni.KernelBridge;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
  private static final JavaClasses CORE =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.tokenflex", KernelBridge.class.getPackageName());

  @Test
  void packagesHaveNoCycles() {
    slices().matching("io.tokenflex.(*)..").should().beFreeOfCycles().check(CORE);
  }

  @Test
  void coreKnowsNoSparkHadoopOrParquet() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.apache.spark..", "org.apache.hadoop..", "org.apache.parquet..")
        .check(CORE);
  }

  @Test
  void onlyKernelsUseTheBridgeIntoDjl() {
    noClasses()
        .that()
        .resideOutsideOfPackages("io.tokenflex.kernels", KernelBridge.class.getPackageName())
        .should()
        .dependOnClassesThat()
        .areAssignableTo(KernelBridge.class)
        .check(CORE);
  }
}
